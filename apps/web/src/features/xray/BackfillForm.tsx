import type { XRayRegionStatus } from '@spanloom/contract';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useStartBackfill } from '../../data/xray.ts';
import { Button } from '../../ui/controls.tsx';
import { zoneName } from '../../ui/format.ts';
import { usePreferences } from '../../ui/preferences.ts';
import { readBackfillRange, toField } from './backfill-range.ts';
import styles from './xray.module.css';

const HOUR_MS = 3_600_000;

/** Asks for a range to be read. Times are typed in the zone they are shown in everywhere. */
export function BackfillForm({
  region,
  now,
}: {
  readonly region: XRayRegionStatus;
  readonly now: number;
}): ReactNode {
  const { timeZone } = usePreferences();
  const start = useStartBackfill();
  const [from, setFrom] = useState(() => toField(now - HOUR_MS, timeZone));
  const [to, setTo] = useState(() => toField(now, timeZone));
  const [tried, setTried] = useState(false);
  const helpId = useId();
  const range = readBackfillRange(from, to, timeZone, now);
  const problem = 'problem' in range ? range : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if ('problem' in range) return;
    start.mutate(
      { account: region.account, region: region.region, ...range },
      { onSuccess: () => setTried(false) },
    );
  };
  const shown = tried ? problem : undefined;
  return (
    <form className={styles['form']} onSubmit={submit} noValidate data-testid="backfill-form">
      <label className={styles['field']}>
        From
        <input
          type="datetime-local"
          value={from}
          aria-invalid={shown?.field === 'from'}
          aria-describedby={helpId}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label className={styles['field']}>
        To
        <input
          type="datetime-local"
          value={to}
          aria-invalid={shown?.field === 'to'}
          aria-describedby={helpId}
          onChange={(event) => setTo(event.target.value)}
        />
      </label>
      <span className={styles['zone']}>{zoneName(timeZone)} time</span>
      <Button type="submit" disabled={start.isPending}>
        Read this range
      </Button>
      <p id={helpId} className={styles['help']} role="status">
        {start.isError ? (
          <span className="err">{start.error.message}</span>
        ) : shown !== undefined ? (
          <span className="err">{shown.problem}</span>
        ) : 'from' in range ? (
          <>
            In UTC: {range.from.slice(0, 16).replace('T', ' ')} to{' '}
            {range.to.slice(0, 16).replace('T', ' ')}. Newest first, beside the regular polls, at
            the same price per trace.
          </>
        ) : (
          'X-Ray keeps traces for 30 days.'
        )}
      </p>
    </form>
  );
}
