import { type ReactNode, useState } from 'react';
import { useUrl } from '../../data/url.ts';
import { useCrawlNow, useXRayStatus } from '../../data/xray.ts';
import { Button } from '../../ui/controls.tsx';
import { formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import { ConnectAccount } from './ConnectAccount.tsx';
import { chosenRegion, regionKey } from './region-words.ts';
import { RegionDetail } from './RegionDetail.tsx';
import { RegionTable } from './RegionTable.tsx';
import styles from './xray.module.css';

/** How reading AWS X-Ray stands, per account and region, or how to begin. */
export function XRayPage(): ReactNode {
  const status = useXRayStatus();
  const [url, setUrl] = useUrl();
  const [first, setFirst] = useState<string>();
  if (status.data === undefined) {
    if (status.isError) {
      return (
        <ErrorRegion
          title="Could not load the X-Ray status"
          error={status.error}
          onRetry={() => void status.refetch()}
        />
      );
    }
    return <SkeletonRows />;
  }
  const { enabled, regions } = status.data;
  if (!enabled || regions.length === 0) return <ConnectAccount />;
  const chosen = chosenRegion(regions, url.xr ?? first);
  // What opened by itself stays open, whichever region asks for attention next.
  if (first === undefined && chosen !== undefined) setFirst(regionKey(chosen));
  const select = (key: string): void => setUrl({ xr: key });
  return (
    <div className={styles['page']} data-testid="xray-page">
      {status.isError ? (
        <p className={styles['stale']} role="status">
          <Icon name="warning" size={14} />
          The server does not answer at the moment: these figures are of its last answer.
        </p>
      ) : null}
      <div className={styles['top']}>
        <p className="soft grow">
          {formatPlural(regions.length, 'region')} of{' '}
          {formatPlural(new Set(regions.map(({ account }) => account)).size, 'account')}. X-Ray
          makes traces available with a delay of minutes, and what it delivers is merged into the
          traces of your tracers.
        </p>
        <CrawlNow />
      </div>
      <RegionTable
        regions={regions}
        selected={chosen === undefined ? undefined : regionKey(chosen)}
        onSelect={select}
      />
      {chosen === undefined ? null : (
        <RegionDetail key={regionKey(chosen)} region={chosen} regions={regions} />
      )}
    </div>
  );
}

function CrawlNow(): ReactNode {
  const crawl = useCrawlNow();
  return (
    <>
      {crawl.isError ? (
        <span className="err" role="alert">
          {crawl.error.message}
        </span>
      ) : crawl.isSuccess ? (
        <span className="faint" role="status">
          asked for
        </span>
      ) : null}
      <Button disabled={crawl.isPending} onClick={() => crawl.mutate()} data-testid="crawl-now">
        <Icon name="retry" size={14} />
        Crawl now
      </Button>
    </>
  );
}
