import type { XRayPending } from '@spanloom/contract';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../ui/controls.tsx';
import { formatMinute, formatPlural, formatUntil } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import { useNow } from '../../ui/use-now.ts';

interface Props {
  readonly pending: XRayPending | null;
  /** X-Ray's spans in the trace now. */
  readonly xraySpans: number;
}

/** Whether X-Ray may still add to the trace and when it is asked next; and how much it has added while one looked. */
export function PendingPill({ pending, xraySpans }: Props): ReactNode {
  const [atFirst] = useState(xraySpans);
  const arrived = xraySpans - atFirst;
  return (
    <>
      {pending === null ? null : <Pending pending={pending} />}
      <span role="status" data-testid="xray-arrived">
        {arrived > 0 ? (
          <Badge look="info">{formatPlural(arrived, 'span')} arrived from X-Ray</Badge>
        ) : null}
      </span>
    </>
  );
}

function Pending({ pending }: { readonly pending: XRayPending }): ReactNode {
  const now = useNow(1_000);
  const { timeZone } = usePreferences();
  const until = Date.parse(pending.until);
  const poll = pending.next_poll === null ? Number.NaN : Date.parse(pending.next_poll);
  const next = Number.isNaN(poll)
    ? 'next poll unknown'
    : poll <= now
      ? 'being read'
      : `next poll ${formatUntil(poll, now)}`;
  return (
    <span
      title={
        Number.isNaN(until)
          ? undefined
          : `X-Ray delivers minutes late. Its spans may come until ${formatMinute(until, timeZone, now)}`
      }
      data-testid="xray-pending"
    >
      <Badge look="info">
        <Icon name="clock" size={12} />
        X-Ray pending · {next}
      </Badge>
    </span>
  );
}
