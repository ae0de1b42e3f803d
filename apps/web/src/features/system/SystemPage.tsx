import type { SystemResponse } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { useSystem } from '../../data/queries.ts';
import { Dot } from '../../ui/controls.tsx';
import { formatAge, formatBytes, formatCount } from '../../ui/format.ts';
import { Fact, Facts, PanelTable } from '../../ui/Panels.tsx';
import { ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import styles from './system.module.css';

/** The server about itself: what listens, what waits, what is stored, who sends, what was refused. */
export function SystemPage(): ReactNode {
  const system = useSystem(3000);
  if (system.data === undefined) {
    if (system.isError) {
      return (
        <ErrorRegion
          title="Could not load the system report"
          error={system.error}
          onRetry={() => void system.refetch()}
        />
      );
    }
    return <SkeletonRows />;
  }
  const report = system.data;
  return (
    <div className={styles['page']} data-testid="system-page">
      <Facts>
        <Fact name="state">
          <Dot state={report.ready ? 'ok' : 'warn'} />{' '}
          {report.ready ? 'ready' : (report.reasons[0] ?? 'starting')}
        </Fact>
        <Fact name="version">{report.version}</Fact>
        <Fact name="engine">
          {report.engine === null ? 'opening' : `${report.engine.kind} ${report.engine.version}`}
        </Fact>
        <Fact name="started">{formatAge(Date.parse(report.started_at))}</Fact>
        <Fact name="spans received">{formatCount(report.spans.received)}</Fact>
        <Fact name="spans stored">
          {report.spans.stored === null ? '–' : formatCount(report.spans.stored)}
        </Fact>
        <Fact name="newest span">
          {report.spans.newest === null ? 'none yet' : formatAge(Date.parse(report.spans.newest))}
        </Fact>
      </Facts>
      <div className={styles['grid']}>
        <Listeners report={report} />
        <Queue report={report} />
        <Storage report={report} />
        <Clients report={report} />
        <Counters report={report} />
      </div>
    </div>
  );
}

interface Props {
  readonly report: SystemResponse;
}

function Listeners({ report }: Props): ReactNode {
  return (
    <PanelTable
      title="Listeners"
      columns={[['Protocol'], ['Address']]}
      rows={report.listeners.map(({ name, address }) => [
        <span key="name" className="row" style={{ gap: 7 }}>
          <Dot state={address === null ? 'idle' : 'ok'} />
          {name}
        </span>,
        address === null ? (
          <span key="address" className="faint">
            switched off
          </span>
        ) : (
          <span key="address" className="mono">
            {address}
          </span>
        ),
      ])}
    />
  );
}

function Queue({ report: { queue } }: Props): ReactNode {
  return (
    <PanelTable
      title="Waiting to be stored"
      columns={[['What'], ['Now', true]]}
      rows={[
        ['Batches', formatCount(queue.batches)],
        ['Spans', formatCount(queue.rows)],
        ['Memory', `${formatBytes(queue.bytes)} of ${formatBytes(queue.max_bytes)}`],
        ['Write-ahead log', formatBytes(queue.wal_bytes)],
      ]}
    />
  );
}

function Storage({ report }: Props): ReactNode {
  return (
    <PanelTable
      title="Storage"
      columns={[['Table'], ['Rows', true], ['Size', true], ['Parts', true]]}
      empty="The engine has not opened yet."
      rows={report.storage.map((table) => [
        <span key="table" className="mono">
          {table.table}
        </span>,
        formatCount(table.rows),
        formatBytes(table.bytes),
        table.broken_parts > 0 ? (
          <span key="parts" className="err">{`${table.parts}, ${table.broken_parts} broken`}</span>
        ) : (
          String(table.parts)
        ),
      ])}
    />
  );
}

function Clients({ report }: Props): ReactNode {
  return (
    <PanelTable
      title="Senders of the last hour"
      columns={[['Sender'], ['Endpoint'], ['Spans', true], ['Bytes', true], ['Seen', true]]}
      empty="Nothing has sent spans in the last hour."
      wide
      rows={report.clients.map((client) => [
        [
          client.language,
          client.language_version,
          client.tracer_version && `tracer ${client.tracer_version}`,
        ]
          .filter(Boolean)
          .join(' ') || 'unknown',
        <span key="endpoint" className="mono">
          {client.endpoint}
        </span>,
        formatCount(client.spans),
        formatBytes(client.bytes),
        formatAge(Date.parse(client.last_seen)),
      ])}
    />
  );
}

function Counters({ report }: Props): ReactNode {
  const rows = report.counters.flatMap((counter) =>
    counter.samples
      .filter(({ value }) => value !== 0)
      .map(({ labels, value }) => [
        <span key="name" className="mono" title={counter.help}>
          {counter.name}
        </span>,
        <span key="labels" className="faint mono">
          {Object.entries(labels)
            .map(([key, label]) => `${key}=${label}`)
            .join(' ')}
        </span>,
        formatCount(value),
      ]),
  );
  return (
    <PanelTable
      title="Counters"
      columns={[['Counter'], ['Labels'], ['Value', true]]}
      rows={rows}
      empty="Nothing has been counted yet."
      wide
    />
  );
}
