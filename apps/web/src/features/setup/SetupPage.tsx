import type { SystemResponse } from '@spanloom/contract';
import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSystem } from '../../data/queries.ts';
import { buttonClass, Dot } from '../../ui/controls.tsx';
import { formatAge, formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { ErrorRegion } from '../../ui/States.tsx';
import { copyText } from '../../ui/Toast.tsx';
import styles from './setup.module.css';
import { Coloured, type Way, ways } from './ways.tsx';

/** How to send the first trace, and whether it has arrived. */
export function SetupPage(): ReactNode {
  const system = useSystem(2000);
  const atHome = useLocation({ select: (location) => location.pathname === '/' });
  if (system.isError && system.data === undefined) {
    return (
      <ErrorRegion
        title="Could not reach the server"
        error={system.error}
        onRetry={() => void system.refetch()}
      />
    );
  }
  const report = system.data;
  const received = report?.spans.received ?? 0;
  const seen = received > 0 || (report?.spans.stored ?? 0) > 0;
  return (
    <div className={styles['page']} data-testid="setup-page">
      <aside className={styles['steps']}>
        <h2>Set up</h2>
        <Steps report={report} />
        <div className={styles['demo']}>
          <h2>Nothing to hand?</h2>
          <p className="soft">
            Start the demo shop: a few real services, traced by real tracers, all local.
          </p>
          <pre tabIndex={0}>npm start -- --demo</pre>
        </div>
      </aside>
      <div className={styles['content']}>
        <div>
          <h2>{seen ? 'Send more traces' : 'Send the first trace'}</h2>
          <p className="soft">
            Pick whichever is closest to what you run. No key is needed on this machine
            {atHome ? '; the page moves on by itself when a span arrives.' : '.'}
          </p>
        </div>
        {seen ? (
          <div className={styles['arrived']} role="status">
            <Dot state="ok" />
            <span className="grow">
              {formatPlural(Math.max(received, report?.spans.stored ?? 0), 'span')} arrived
              {report?.spans.newest === null || report === undefined
                ? ''
                : `, the newest ${formatAge(Date.parse(report.spans.newest))}`}
              .
            </span>
            <Link to="/traces" className={buttonClass('primary')}>
              View traces
            </Link>
          </div>
        ) : null}
        <div className={styles['ways']}>
          {ways({
            agent: addressOf(report, 'agent'),
            otlpHttp: addressOf(report, 'otlp-http'),
            xray: addressOf(report, 'xray'),
          }).map((way) => (
            <WayCard key={way.title} way={way} report={report} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Steps({ report }: { readonly report: SystemResponse | undefined }): ReactNode {
  const received = report?.spans.received ?? 0;
  const stored = report?.spans.stored ?? 0;
  const listening = report?.listeners.filter(({ address }) => address !== null).length ?? 0;
  const steps: readonly (readonly [title: string, detail: string, done: boolean])[] = [
    [
      'Server runs',
      report === undefined ? 'connecting' : `version ${report.version}`,
      report !== undefined,
    ],
    [
      'Storage is open',
      report?.ready === true ? 'reads and writes work' : (report?.reasons[0] ?? 'opening'),
      report?.ready === true,
    ],
    [
      'Listeners are up',
      `${listening} of ${report?.listeners.length ?? 0} switched on`,
      listening > 0,
    ],
    [
      'First span arrives',
      received > 0 || stored > 0
        ? formatPlural(Math.max(received, stored), 'span')
        : 'waiting for a span',
      received > 0 || stored > 0,
    ],
  ];
  const next = steps.findIndex(([, , done]) => !done);
  return (
    <ol>
      {steps.map(([title, detail, done], i) => (
        <li
          key={title}
          className={styles['step']}
          data-state={done ? 'done' : i === next ? 'now' : 'later'}
        >
          <span className={styles['mark']}>{done ? <Icon name="check" size={12} /> : null}</span>
          <span>
            {title}
            <small>{detail}</small>
          </span>
        </li>
      ))}
    </ol>
  );
}

function WayCard({
  way,
  report,
}: {
  readonly way: Way;
  readonly report: SystemResponse | undefined;
}): ReactNode {
  const addresses = way.needs
    .map((name) => portOf(report, name))
    .filter((port) => port !== undefined);
  const spans = spansBy(report, way.protocols);
  return (
    <section className={styles['way']} aria-label={way.title}>
      <div className={styles['head']}>
        <Icon name={way.icon} size={14} />
        <h3>{way.title}</h3>
        <span className={styles['effort']}>{way.effort}</span>
        <button
          type="button"
          className={styles['copy']}
          onClick={() => void copyText(way.code, 'Commands')}
        >
          <Icon name="copy" size={12} />
          Copy
        </button>
      </div>
      <p>{way.text}</p>
      <pre tabIndex={0}>
        <Coloured code={way.code} />
      </pre>
      <div className={styles['wait']}>
        <Dot state={report === undefined ? 'idle' : addresses.length > 0 ? 'ok' : 'warn'} />
        <span>
          {report === undefined
            ? 'connecting'
            : addresses.length > 0
              ? `listening on ${addresses.join(' and ')}`
              : 'this listener is switched off'}
        </span>
        <span>{spans === undefined ? '' : formatPlural(spans, 'span')}</span>
      </div>
    </section>
  );
}

function listener(report: SystemResponse | undefined, name: string): string | undefined {
  return report?.listeners.find((candidate) => candidate.name === name)?.address ?? undefined;
}

function addressOf(report: SystemResponse | undefined, name: string): string | undefined {
  const address = listener(report, name);
  return address === undefined
    ? undefined
    : `http://${address.replace(/^(?:0\.0\.0\.0|\[::\]):/, '127.0.0.1:')}`;
}

function portOf(report: SystemResponse | undefined, name: string): string | undefined {
  return listener(report, name)?.split(':').at(-1);
}

/** Spans that came through some protocols; undefined when the server's counters do not tell them apart. */
function spansBy(
  report: SystemResponse | undefined,
  protocols: readonly string[],
): number | undefined {
  const clients = report?.clients;
  if (clients === undefined) return undefined;
  let spans = 0;
  for (const client of clients) {
    const endpoint = client.endpoint.toLowerCase();
    const isOtlp =
      endpoint.includes('otlp') ||
      endpoint.includes('/v1/traces') ||
      endpoint.includes('opentelemetry');
    if (protocols.includes('otlp') === isOtlp) spans += client.spans;
  }
  return spans;
}
