import type { TraceResponse } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { Button, Dot, Kbd } from '../../ui/controls.tsx';
import { formatCount } from '../../ui/format.ts';
import type { SidePanelName } from './url.ts';
import { verdictCounts, worstTone } from './verdict-words.ts';

interface Props {
  readonly trace: TraceResponse;
  readonly panel: SidePanelName | undefined;
  readonly onPanel: (panel: SidePanelName) => void;
}

const DOTS = {
  joined: 'ok',
  waiting: 'plain',
  plain: 'idle',
  warn: 'warn',
  crit: 'error',
} as const;

/** Opens the merge report; its dot is the verdict that asks for most attention. */
export function MergeButton({ trace, panel, onPanel }: Props): ReactNode {
  const tone = worstTone(trace.merge) ?? 'plain';
  return (
    <Button
      look="ghost"
      pressed={panel === 'merge'}
      aria-controls={panel === 'merge' ? 'trace-side-panel' : undefined}
      aria-keyshortcuts="r"
      title={verdictCounts(trace.merge)}
      onClick={() => onPanel('merge')}
      data-testid="merge-button"
    >
      <Dot state={DOTS[tone]} />
      Merge report <span className="faint">{formatCount(trace.merge.length)}</span>
      <Kbd>r</Kbd>
    </Button>
  );
}
