import type { SpanJson } from '@spanloom/contract';
import type { ReactNode } from 'react';
import type { Scene } from './scene.ts';
import { SourceMark } from './SourceMark.tsx';
import styles from './SourceTab.module.css';

interface Props {
  readonly scene: Scene;
  readonly span: SpanJson;
  readonly onSelect: (row: number) => void;
  /** Shows duplicates and selects one of them. */
  readonly onReveal: (id: string) => void;
}

/** What merging did with a span: what it shows besides itself, what shows it, and where it was put. */
export function SpanRelations({ scene, span, onSelect, onReveal }: Props): ReactNode {
  const { stated_parent_id: stated } = span;
  const moved = stated !== undefined && stated !== span.parent_id;
  if (!span.hidden && span.folded.length === 0 && !moved) return null;
  return (
    <section className={styles['relations']} data-testid="span-relations">
      <h4 className={styles['title']}>What merging did</h4>
      <ul>
        {span.hidden ? (
          <li>
            Hidden: {span.hidden_reason ?? 'another span shows it'}.
            {span.hidden_by === null ? null : (
              <Related id={span.hidden_by} scene={scene} onSelect={onSelect} />
            )}
          </li>
        ) : null}
        {span.folded.map((id) => {
          const folded = scene.spanById(id);
          return (
            <li key={id}>
              {folded === undefined ? null : <SourceMark sources={[folded.source]} />}
              <span>
                Shows <span className="medium">{folded?.name ?? id}</span> too
                {folded === undefined ? '' : ` (${folded.service || 'no service'})`}
              </span>
              {folded?.hidden_reason == null ? null : (
                <span className="soft">{folded.hidden_reason}</span>
              )}
              <Related id={id} scene={scene} onSelect={onSelect} onReveal={onReveal} />
            </li>
          );
        })}
        {moved ? (
          <li>
            <span>
              {stated === null
                ? 'A root to its sender'
                : `Its sender names ${nameOf(scene, stated)} as the parent`}
              ; merging put it{' '}
              {span.parent_id === null ? 'at the root.' : `under ${nameOf(scene, span.parent_id)}.`}
            </span>
            {span.parent_id === null ? null : (
              <Related id={span.parent_id} scene={scene} onSelect={onSelect} />
            )}
          </li>
        ) : null}
      </ul>
    </section>
  );
}

function nameOf(scene: Scene, id: string): string {
  const span = scene.spanById(id);
  return span === undefined ? `${id}, which is not here,` : `${span.service} ${span.name}`.trim();
}

/** A way to another span: to its row, or to where it would have one. */
function Related({
  id,
  scene,
  onSelect,
  onReveal,
}: {
  readonly id: string;
  readonly scene: Scene;
  readonly onSelect: (row: number) => void;
  readonly onReveal?: (id: string) => void;
}): ReactNode {
  const row = scene.rowOf(id);
  const isOwn = row !== undefined && scene.idOf(row) === id;
  const go =
    isOwn || onReveal === undefined
      ? row === undefined
        ? undefined
        : () => onSelect(row)
      : scene.spanById(id) === undefined
        ? undefined
        : () => onReveal(id);
  if (go === undefined) return <span className="faint mono">{id}</span>;
  return (
    <button type="button" className="link mono" onClick={go}>
      {id}
    </button>
  );
}
