import type { XRayProblem, XRayRegionStatus } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { useCheckPermissions } from '../../data/xray.ts';
import { Badge, Button } from '../../ui/controls.tsx';
import { formatSeconds } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Fact, Facts } from '../../ui/Panels.tsx';
import { useNow } from '../../ui/use-now.ts';
import { When } from '../../ui/When.tsx';
import { Backfills } from './Backfills.tsx';
import { PermissionMatrix } from './PermissionMatrix.tsx';
import { modeWords, stateWords } from './region-words.ts';
import { RegionFigures } from './RegionFigures.tsx';
import styles from './xray.module.css';

interface Props {
  readonly region: XRayRegionStatus;
  /** All of them: permissions are compared over the account's. */
  readonly regions: readonly XRayRegionStatus[];
}

/** Everything about one region of one account. */
export function RegionDetail({ region, regions }: Props): ReactNode {
  const now = useNow(1_000);
  const check = useCheckPermissions();
  const state = stateWords(region);
  const mine = regions.filter(({ account }) => account === region.account);
  return (
    <section
      className={styles['detail']}
      aria-label={`${region.account} ${region.region}`}
      data-testid="xray-detail"
    >
      <header className={styles['detailHead']}>
        <h2>
          <span className="mono">{region.account}</span> {region.region}
        </h2>
        <Badge look={state.dot === 'error' ? 'crit' : state.dot === 'warn' ? 'warn' : 'line'}>
          {state.words}
        </Badge>
        <Badge look="line">{modeWords(region.mode)}</Badge>
        <span className="grow" />
        {check.isError ? (
          <span className="err" role="alert">
            {check.error.message}
          </span>
        ) : null}
        <Button
          disabled={check.isPending}
          onClick={() => check.mutate({ account: region.account, region: region.region })}
          data-testid="check-permissions"
        >
          <Icon name="key" size={14} />
          {check.isPending ? 'Checking…' : 'Check permissions'}
        </Button>
      </header>
      {region.problem === null ? null : <Problem problem={region.problem} now={now} />}
      {region.warnings.map((warning) => (
        <p key={warning} className={styles['warning']}>
          <Icon name="warning" size={14} />
          <span>{warning}</span>
        </p>
      ))}
      <Facts>
        <Fact name="behind">
          {region.lag_seconds === null ? '–' : formatSeconds(region.lag_seconds)}
        </Fact>
        <Fact name="read up to">{at(region.checkpoint, now)}</Fact>
        <Fact name="last success">{at(region.last_success, now)}</Fact>
        <Fact name="next poll">{at(region.next_poll, now)}</Fact>
        <Fact name="env where X-Ray has none">{region.env ?? 'none'}</Fact>
      </Facts>
      <RegionFigures region={region} now={now} />
      <PermissionMatrix region={region} regions={mine} now={now} />
      <Backfills region={region} now={now} />
    </section>
  );
}

function at(instant: string | null, now: number): ReactNode {
  return instant === null ? '–' : <When at={instant} now={now} />;
}

function Problem({
  problem,
  now,
}: {
  readonly problem: XRayProblem;
  readonly now: number;
}): ReactNode {
  return (
    <div className={styles['problem']} role="alert" data-testid="xray-problem">
      <p>
        <span className="strong err">{problem.name}</span>{' '}
        <span className="faint">
          since <When at={problem.since} now={now} />
        </span>
      </p>
      <p>{problem.message}</p>
      {problem.missing_action === null ? null : (
        <p>
          Missing action: <span className="mono medium">{problem.missing_action}</span>
        </p>
      )}
      {problem.fix === null ? null : (
        <p>
          <span className="medium">What to do: </span>
          {problem.fix}
        </p>
      )}
    </div>
  );
}
