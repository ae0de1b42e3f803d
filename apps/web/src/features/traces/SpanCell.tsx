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
      return <Started text={attributes.start_timestamp} zone={timeZone} />;
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
  }
}

function Started({ text, zone }: { readonly text: string; readonly zone: TimeZone }): ReactNode {
  const ms = Date.parse(text);
  return (
    <time className="mono" dateTime={text} title={`${formatInstant(ms, zone)}\n${text}`}>
      {formatClock(ms, zone)}
    </time>
  );
}

/** `service`, or `service → what it called` for a client span that names its peer. */
function ServiceCell({ span: { attributes } }: { readonly span: SpanEvent }): ReactNode {
  const peer =
    attributes.custom.kind === 'client' || attributes.custom.kind === 'producer'
      ? peerOf(attributes.attributes)
      : undefined;
  return (
    <span className={styles['inline']}>
      <Swatch name={attributes.service} />
      <span className="ell">{attributes.service || '–'}</span>
      {peer === undefined || peer === attributes.service ? null : (
        <>
          <span className="faint">→</span>
          <span className="soft ell">{peer}</span>
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
  'db.instance',
  'db.name',
  'messaging.destination.name',
  'out.host',
  'server.address',
];

function peerOf(attributes: Readonly<Record<string, string | number>>): string | undefined {
  for (const key of PEER_KEYS) {
    const value = attributes[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

function functionText(name: string, version: string): string {
  if (name === '') return version === '' ? '–' : version;
  return version === '' ? name : `${name}:${version}`;
}
