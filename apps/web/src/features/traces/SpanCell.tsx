import { formatDuration } from '@spanloom/flame';
import type { SpanEvent } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { Badge, Dot, Swatch } from '../../ui/controls.tsx';
import { formatClock, formatInstant } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { type TimeZone, usePreferences } from '../../ui/preferences.ts';
import type { ColumnId } from './columns.ts';
import styles from './explorer.module.css';

/** Names of sources as people know them. */
const SOURCES: Readonly<Record<string, string>> = {
  datadog: 'APM',
  otlp: 'OTel',
  xray: 'X-Ray',
  inferred: 'inferred',
  other: 'other',
};

/** One cell of the span list. */
export function SpanCell({
  column,
  span,
}: {
  readonly column: ColumnId;
  readonly span: SpanEvent;
}): ReactNode {
  const { timeZone } = usePreferences();
  const { attributes } = span;
  const { custom } = attributes;
  const failed = custom.status === 'error';
  switch (column) {
    case 'time':
      return (
        <Started
          text={attributes.start_timestamp}
          received={custom.received_timestamp}
          zone={timeZone}
        />
      );
    case 'status':
      return (
        <span className={`${styles['inline']} ${failed ? 'err' : 'faint'}`}>
          <Dot state={failed ? 'error' : 'plain'} />
          {custom.status}
        </span>
      );
    case 'service':
      return <ServiceCell span={span} />;
    case 'resource':
      return (
        <span className={styles['inline']}>
          <span className={`ell ${failed ? 'err' : ''}`}>
            {attributes.resource_name || custom.operation_name}
          </span>
          {attributes.attributes['cold_start'] === 'true' ? (
            <Badge look="cold">
              <Icon name="cold" size={12} /> cold
            </Badge>
          ) : null}
        </span>
      );
    case 'duration':
      return <span className="medium">{formatDuration(custom.duration)}</span>;
    case 'operation':
      return <span className="faint mono">{custom.operation_name}</span>;
    case 'function':
      return <span className="soft">{functionText(custom.function, custom.version)}</span>;
    case 'source':
      return <span className="faint">{SOURCES[custom.source] ?? custom.source}</span>;
    case 'env':
      return <span className="soft">{attributes.env || '–'}</span>;
    case 'type':
      return <span className="faint">{attributes.type || '–'}</span>;
    case 'kind':
      return <span className="faint">{custom.kind}</span>;
    case 'http':
      return (
        <span className="soft">
          {[custom.http_method, custom.http_status].filter(Boolean).join(' ') || '–'}
        </span>
      );
    case 'host':
      return <span className="soft">{attributes.host || '–'}</span>;
    case 'trace':
      return <span className="faint mono">{attributes.trace_id}</span>;
    default:
      return <AttributeValue value={attributes.attributes[column.slice(1)]} />;
  }
}

function AttributeValue({ value }: { readonly value: string | number | undefined }): ReactNode {
  if (value === undefined) return <span className="faint">–</span>;
  return <span title={String(value)}>{value}</span>;
}

/** A span this much older than its arrival is among newer ones in a live list, and says why. */
const LATE_MS = 60_000;

interface StartedProps {
  readonly text: string;
  readonly received: string;
  readonly zone: TimeZone;
}

function Started({ text, received, zone }: StartedProps): ReactNode {
  const ms = Date.parse(text);
  const arrivedMs = Date.parse(received);
  const late = arrivedMs - ms > LATE_MS;
  const arrival = late ? `\narrived late: ${formatInstant(arrivedMs, zone)}` : '';
  return (
    <time
      className={`mono ${styles['inline']}`}
      dateTime={text}
      title={`${formatInstant(ms, zone)}\n${text}${arrival}`}
    >
      {formatClock(ms, zone)}
      {late ? (
        <span className="faint" role="img" aria-label="arrived late" data-testid="late-badge">
          <Icon name="clock" size={12} />
        </span>
      ) : null}
    </time>
  );
}

/** `service`, `service → what it called`, or `process → name an integration gave the call`. */
function ServiceCell({ span: { attributes } }: { readonly span: SpanEvent }): ReactNode {
  const base = attributes.attributes['_dd.base_service'];
  const renamed = typeof base === 'string' && base !== '' && base !== attributes.service;
  const from = renamed ? base : attributes.service;
  const to = renamed ? attributes.service : peerOf(attributes);
  return (
    <span className={styles['inline']}>
      <Swatch name={attributes.service} />
      <span className="ell">{from || '–'}</span>
      {to === undefined || to === from ? null : (
        <>
          <span className="faint">→</span>
          <span className="soft ell">{to}</span>
        </>
      )}
    </span>
  );
}

const PEER_KEYS = [
  'peer.service',
  'tablename',
  'queuename',
  'topicname',
  'bucketname',
  'messaging.destination.name',
  'db.instance',
  'db.name',
  'out.host',
  'server.address',
];

/** What an outgoing span calls, where it names it. An address is no name. */
function peerOf({ attributes, custom }: SpanEvent['attributes']): string | undefined {
  if (custom.kind !== 'client' && custom.kind !== 'producer') return undefined;
  for (const key of PEER_KEYS) {
    const value = attributes[key];
    if (typeof value !== 'string' || value === '') continue;
    if (!/^(?:[\d.]+|\[?[\da-f:]+\]?|localhost)$/i.test(value)) return value;
  }
  return undefined;
}

function functionText(name: string, version: string): string {
  if (name === '') return version === '' ? '–' : version;
  return version === '' ? name : `${name}:${version}`;
}
