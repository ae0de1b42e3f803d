import type { XRayBackfill, XRayRegionStatus } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { useCancelBackfill } from '../../data/xray.ts';
import { Button, Dot } from '../../ui/controls.tsx';
import { formatCount, formatMinute, formatShare } from '../../ui/format.ts';
import { Panel } from '../../ui/Panels.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import { BackfillForm } from './BackfillForm.tsx';
import styles from './xray.module.css';

interface Props {
  readonly region: XRayRegionStatus;
  readonly now: number;
}

const DOTS = {
  queued: 'plain',
  running: 'ok',
  done: 'plain',
  cancelled: 'idle',
  failed: 'error',
} as const;

/** Reading older traces: what is under way, and the form that asks for more. */
export function Backfills({ region, now }: Props): ReactNode {
  const cancel = useCancelBackfill();
  return (
    <Panel title="Read older traces" testId="xray-backfills">
      <BackfillForm region={region} now={now} />
      {cancel.isError ? (
        <p className={`${styles['note']} err`} role="alert">
          {cancel.error.message}
        </p>
      ) : null}
      {region.backfills.length === 0 ? null : (
        <div className={styles['scroll']} tabIndex={0} role="region" aria-label="Backfills">
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">State</th>
                <th scope="col">Progress</th>
                <th scope="col" className="num">
                  Traces
                </th>
                <th scope="col">
                  <span className="visually-hidden">Cancel</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {region.backfills.map((backfill) => (
                <Line
                  key={backfill.id}
                  backfill={backfill}
                  now={now}
                  busy={cancel.isPending}
                  onCancel={() => cancel.mutate(backfill.id)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

interface LineProps {
  readonly backfill: XRayBackfill;
  readonly now: number;
  readonly busy: boolean;
  readonly onCancel: () => void;
}

function Line({ backfill, now, busy, onCancel }: LineProps): ReactNode {
  const { timeZone } = usePreferences();
  const time = (iso: string): ReactNode => (
    <time dateTime={iso} title={iso}>
      {formatMinute(Date.parse(iso), timeZone, now)}
    </time>
  );
  const open = backfill.state === 'queued' || backfill.state === 'running';
  return (
    <tr data-testid="xray-backfill">
      <td>{time(backfill.from)}</td>
      <td>{time(backfill.to)}</td>
      <td>
        <span className="row" style={{ gap: 7 }}>
          <Dot state={DOTS[backfill.state]} />
          {backfill.state}
          {backfill.state === 'queued' ? (
            <span className="faint">begins once the newest traces are read</span>
          ) : null}
          {backfill.error === null ? null : <span className="err">{backfill.error}</span>}
        </span>
      </td>
      <td>
        <span className="row" style={{ gap: 7 }}>
          <span className={styles['progress']}>
            <i style={{ width: `${backfill.progress * 100}%` }} />
          </span>
          {formatShare(backfill.progress, 1)}
        </span>
      </td>
      <td className="num">{formatCount(backfill.traces)}</td>
      <td>
        {open ? (
          <Button
            disabled={busy}
            aria-label={`Cancel reading from ${formatMinute(Date.parse(backfill.from), timeZone, now)}`}
            onClick={onCancel}
          >
            Cancel
          </Button>
        ) : null}
      </td>
    </tr>
  );
}
