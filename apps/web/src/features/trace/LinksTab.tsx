import type { AttributeJson, SpanJson } from '@spanloom/contract';
import { formatDuration } from '@spanloom/flame';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import styles from './detail.module.css';
import type { Scene } from './scene.ts';

/** Spans this one points to, and what happened inside it. */
export function LinksTab({
  scene,
  span,
}: {
  readonly scene: Scene;
  readonly span: SpanJson;
}): ReactNode {
  if (span.links.length === 0 && span.events.length === 0) {
    return <p className="faint">The span links to no other and recorded no events.</p>;
  }
  const origin = BigInt(scene.model.originNs);
  return (
    <>
      {span.links.length === 0 ? null : (
        <section>
          <h4 className="medium">Links</h4>
          {span.links.map((link) => {
            const here =
              scene.model.rowById.has(link.span_id) &&
              scene.trace.trace_id.endsWith(link.trace_id.slice(-16));
            return (
              <div key={`${link.trace_id} ${link.span_id}`} className={styles['event']}>
                <span className="faint">{here ? 'this trace' : 'other trace'}</span>
                <span>
                  <Link
                    to="/trace/$traceId"
                    params={{ traceId: link.trace_id }}
                    search={{ span: link.span_id }}
                    className="link mono"
                  >
                    {link.trace_id} / {link.span_id}
                  </Link>
                  <Attributes attributes={link.attributes} />
                </span>
              </div>
            );
          })}
        </section>
      )}
      {span.events.length === 0 ? null : (
        <section>
          <h4 className="medium">Events</h4>
          {span.events.map((event, i) => (
            <div key={i} className={styles['event']}>
              <span className="faint">
                +{formatDuration(Number(BigInt(event.time_ns) - origin))}
              </span>
              <span>
                <span className="medium">{event.name}</span>
                <Attributes attributes={event.attributes} />
              </span>
            </div>
          ))}
        </section>
      )}
    </>
  );
}

function Attributes({
  attributes,
}: {
  readonly attributes: Readonly<Record<string, AttributeJson>> | undefined;
}): ReactNode {
  const entries = Object.entries(attributes ?? {});
  if (entries.length === 0) return null;
  return (
    <dl>
      {entries.map(([key, value]) => (
        <div key={key} className={styles['attribute']}>
          <dt>{key}</dt>
          <dd className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
