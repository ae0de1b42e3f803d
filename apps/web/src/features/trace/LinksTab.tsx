import type { AttributeJson, SpanJson, SpanLinkJson } from '@spanloom/contract';
import { formatDuration } from '@spanloom/flame';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTraceKnown } from '../../data/queries.ts';
import styles from './detail.module.css';
import { linkReason, otherAttributes, pointsToSpan } from './link-reason.ts';
import type { Scene } from './scene.ts';

interface Props {
  readonly scene: Scene;
  readonly span: SpanJson;
  readonly onSelect: (row: number) => void;
}

/** Spans this one points to and those that point to it, with the reason, and what happened inside it. */
export function LinksTab({ scene, span, onSelect }: Props): ReactNode {
  const backward = scene.trace.spans.filter(
    (other) => other !== span && other.links.some((link) => link.span_id === span.span_id),
  );
  if (span.links.length === 0 && span.events.length === 0 && backward.length === 0) {
    return <p className="faint">The span links to no other and recorded no events.</p>;
  }
  const origin = BigInt(scene.model.originNs) - BigInt(Math.round(shiftOf(scene, span.span_id)));
  return (
    <>
      {span.links.length === 0 ? null : (
        <section data-testid="span-links">
          <h4 className="medium">Links</h4>
          {span.links.map((link, i) => (
            <div key={i} className={styles['event']}>
              <span className="soft">{linkReason(link)}</span>
              <span>
                <Target link={link} scene={scene} onSelect={onSelect} />
                <Attributes entries={otherAttributes(link)} />
              </span>
            </div>
          ))}
        </section>
      )}
      {backward.length === 0 ? null : (
        <section>
          <h4 className="medium">Linked from</h4>
          {backward.map((other) => (
            <div key={other.span_id} className={styles['event']}>
              <span className="soft">
                {linkReason(other.links.find((link) => link.span_id === span.span_id)!)}
              </span>
              <Here id={other.span_id} scene={scene} onSelect={onSelect} />
            </div>
          ))}
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
                <Attributes entries={Object.entries(event.attributes ?? {})} />
              </span>
            </div>
          ))}
        </section>
      )}
    </>
  );
}

function shiftOf(scene: Scene, id: string): number {
  const row = scene.rowOf(id);
  return row === undefined ? 0 : (scene.model.shift?.[row] ?? 0);
}

interface TargetProps extends Omit<Props, 'span'> {
  readonly link: SpanLinkJson;
}

function Target({ link, scene, onSelect }: TargetProps): ReactNode {
  if (!pointsToSpan(link)) return <span className="faint">an object, not a span</span>;
  const sameTrace = scene.trace.trace_id.endsWith(link.trace_id.slice(-16));
  if (sameTrace || scene.spanById(link.span_id) !== undefined)
    return <Here id={link.span_id} scene={scene} onSelect={onSelect} />;
  return <Elsewhere link={link} />;
}

function Here({ id, scene, onSelect }: Omit<Props, 'span'> & { readonly id: string }): ReactNode {
  const row = scene.rowOf(id);
  const span = scene.spanById(id);
  if (row === undefined || span === undefined) {
    return (
      <span>
        <span className="mono">{id}</span>{' '}
        <span className="faint">of this trace, not received</span>
      </span>
    );
  }
  return (
    <button type="button" className="link" onClick={() => onSelect(row)}>
      {span.service} {span.resource || span.name} <span className="mono">{id}</span>
    </button>
  );
}

/** A span of another trace. Only a trace that is stored is a link. */
function Elsewhere({ link }: { readonly link: SpanLinkJson }): ReactNode {
  const known = useTraceKnown(link.trace_id);
  const ids = (
    <span className="mono">
      {link.trace_id} / {link.span_id}
    </span>
  );
  if (known === false) {
    return (
      <span>
        {ids} <span className="faint">not stored here: never received, or no longer kept</span>
      </span>
    );
  }
  return (
    <Link
      to="/trace/$traceId"
      params={{ traceId: link.trace_id }}
      search={/^0*$/.test(link.span_id) ? {} : { span: link.span_id }}
      className="link"
    >
      {ids}
    </Link>
  );
}

function Attributes({
  entries,
}: {
  readonly entries: readonly (readonly [string, AttributeJson])[];
}): ReactNode {
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
