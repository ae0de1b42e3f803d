import type { ReactNode } from 'react';
import { Badge } from '../../ui/controls.tsx';

interface Props {
  readonly warnings: readonly { readonly code: string; readonly detail: string }[];
  readonly live: boolean;
}

/** What figures are made of, and how exact they are. */
export function BasisPill({ warnings, live }: Props): ReactNode {
  const codes = new Map(warnings.map(({ code, detail }) => [code, detail]));
  const approximate = codes.get('approximate');
  const truncated = codes.get('groups_truncated');
  return (
    <span className="row" style={{ gap: 6 }} data-testid="basis">
      <span
        title={
          live
            ? 'Every span of the past 15 minutes, before any sampling here'
            : 'Live and kept spans together, each once; spans that sampling did not keep are not in them'
        }
      >
        <Badge look="line">{live ? '100% of live spans' : '100% of kept spans'}</Badge>
      </span>
      {approximate === undefined ? null : (
        <span title={approximate}>
          <Badge look="warn">approximate</Badge>
        </span>
      )}
      {truncated === undefined ? null : (
        <span title={truncated}>
          <Badge look="warn">groups truncated</Badge>
        </span>
      )}
    </span>
  );
}
