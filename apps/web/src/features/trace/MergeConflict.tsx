import type { MergeTimeConflict, MergeVerdict } from '@spanloom/contract';
import { formatDuration } from '@spanloom/flame';
import type { ReactNode } from 'react';
import { formatClock, nanosTextToMillis } from '../../ui/format.ts';
import { usePreferences } from '../../ui/preferences.ts';
import styles from './MergeReport.module.css';
import type { Scene } from './scene.ts';

/** Which half's time the row that shows both has. */
export function shownSide(
  scene: Scene,
  verdict: MergeVerdict,
  { what, apm_ns: apm, xray_ns: xray }: MergeTimeConflict,
): 'APM' | 'X-Ray' | undefined {
  for (const id of [...verdict.apm_span_ids, ...verdict.xray_span_ids]) {
    const row = scene.rowOf(id);
    const span = row === undefined ? undefined : scene.span(row);
    if (span === undefined || span.hidden) continue;
    const start = BigInt(span.start_ns);
    const time = String(what === 'start' ? start : start + BigInt(span.duration_ns));
    if (time === apm) return 'APM';
    if (time === xray) return 'X-Ray';
  }
  return undefined;
}

/** Both clocks' word on one instant. */
export function MergeConflict({
  conflict: { what, apm_ns: apm, xray_ns: xray },
  shown,
}: {
  readonly conflict: MergeTimeConflict;
  readonly shown: 'APM' | 'X-Ray' | undefined;
}): ReactNode {
  const { timeZone } = usePreferences();
  const difference = Number(BigInt(xray) - BigInt(apm));
  const clock = (ns: string): string => formatClock(nanosTextToMillis(ns), timeZone);
  return (
    <dl className={styles['conflict']}>
      <dt>Handler {what}</dt>
      <dd>
        APM <span className="mono">{clock(apm)}</span>, X-Ray{' '}
        <span className="mono">{clock(xray)}</span>,{' '}
        <span className="warn">
          {formatDuration(Math.abs(difference))} {difference < 0 ? 'earlier' : 'later'}
        </span>
        {shown === undefined ? '' : `; the ${shown} time is shown`}
      </dd>
    </dl>
  );
}
