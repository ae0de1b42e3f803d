import type { TraceResponse } from '@spanloom/contract';
import type { SidePanelName, TraceUrl } from './url.ts';
import { verdictTone } from './verdict-words.ts';

/**
 * Which panel is open. Where the link does not say, the merge report stands beside a trace that X-Ray has part in or that
 * asks for something, as long as there is room: a trace of nothing but APM spans has no use for it.
 */
export function sidePanelOf(
  trace: TraceResponse,
  asked: TraceUrl['panel'],
  hasRoom: boolean,
): SidePanelName | undefined {
  if (asked === 'off') return undefined;
  if (asked !== undefined) return asked;
  if (!hasRoom || trace.merge.length === 0) return undefined;
  const asking = trace.merge.some(({ verdict }) => {
    const tone = verdictTone(verdict);
    return tone === 'waiting' || tone === 'warn' || tone === 'crit';
  });
  return trace.sources.xray > 0 || asking ? 'merge' : undefined;
}
