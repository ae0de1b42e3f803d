import { Flag, type Grouping } from '@spanloom/flame';
import { type ReactNode, useState } from 'react';
import { Badge, ErrorGlyph } from '../../ui/controls.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { probableCause } from './missing-parent.ts';
import { orphansOf } from './orphans.ts';
import { httpStatus, type Scene } from './scene.ts';
import { sourcesOf } from './span-source.ts';
import { SourceMark } from './SourceMark.tsx';
import styles from './Waterfall.module.css';

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly collapsed: ReadonlySet<number>;
  readonly onToggle: (row: number) => void;
  readonly row: number;
}

/** A row's place in the tree, who reported it, and what it is. */
export function WaterfallTreeCell({ scene, grouping, collapsed, onToggle, row }: Props): ReactNode {
  const { depth, size, flags, missingIds } = scene.model;
  const span = scene.span(row);
  const slot = grouping.groups[grouping.of[row]!]!.slot;
  const status = span === undefined ? undefined : httpStatus(span);
  const isFolded = collapsed.has(row);
  const mixed = isMixed(scene);
  // Past twenty levels the guides would push the names out: deeper rows share the last indent.
  const guides = Math.min(depth[row]!, 20);
  return (
    <span className={styles['tree']} role="gridcell">
      {Array.from({ length: guides }, (_, i) => (
        <i key={i} className={styles['guide']} />
      ))}
      {size[row]! > 1 ? (
        <button
          type="button"
          className={styles['fold']}
          tabIndex={-1}
          aria-label={isFolded ? 'Expand' : 'Collapse'}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(row);
          }}
        >
          <Icon name={isFolded ? 'right' : 'down'} size={12} />
        </button>
      ) : (
        <span className={styles['fold']} />
      )}
      <i
        className={styles['service']}
        style={{
          background: span === undefined ? 'var(--border-control)' : `var(--span-${slot + 1}-edge)`,
        }}
      />
      {(flags[row]! & Flag.error) !== 0 ? <ErrorGlyph /> : null}
      {span !== undefined && mixed ? (
        <SourceMark sources={sourcesOf(span, scene.spanById)} />
      ) : (flags[row]! & Flag.merged) !== 0 ? (
        <Icon name="merge" size={12} className="faint" />
      ) : null}
      {(flags[row]! & Flag.throttled) !== 0 ? (
        <Icon name="throttled" size={12} className="warn" />
      ) : null}
      {span === undefined ? (
        <UnknownParent scene={scene} row={row} id={missingIds.get(row) ?? ''} />
      ) : (
        <>
          <span className="medium">{span.service || '–'}</span>
          <span className="soft ell">
            {span.resource === span.service || span.resource === '' ? span.name : span.resource}
          </span>
          {span.hidden ? (
            <span className="faint ell" title={span.hidden_reason ?? undefined}>
              {span.hidden_reason ?? 'shown by another span'}
            </span>
          ) : null}
        </>
      )}
      {isFolded ? <Badge look="line">+{formatCount(size[row]! - 1)}</Badge> : null}
      {status === undefined ? null : <span className={styles['status']}>{status}</span>}
    </span>
  );
}

/** Whether several sources have a part in the trace: only then is it news who reported a row. */
function isMixed({ trace: { sources } }: Scene): boolean {
  return Object.values(sources).filter((count) => count > 0).length > 1;
}

function UnknownParent({
  scene,
  row,
  id,
}: {
  readonly scene: Scene;
  readonly row: number;
  readonly id: string;
}): ReactNode {
  const orphans = orphansOf(scene, row).map((orphan) => scene.span(orphan)!);
  const [now] = useState(() => Date.now());
  return (
    <span className="warn ell">
      unknown parent <span className="mono">{id}</span>, probably{' '}
      {probableCause(scene.trace, orphans, now).short}
    </span>
  );
}
