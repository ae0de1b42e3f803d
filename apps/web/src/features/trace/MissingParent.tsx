import type { ReactNode } from 'react';
import { Badge, Button } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useNow } from '../../ui/use-now.ts';
import styles from './detail.module.css';
import { probableCause } from './missing-parent.ts';
import { orphansOf } from './orphans.ts';
import type { Scene } from './scene.ts';

interface Props {
  readonly scene: Scene;
  readonly row: number;
  readonly onSelect: (row: number) => void;
  readonly onClose: () => void;
}

/** What stands for a parent that never came: who names it, and why it is probably missing. */
export function MissingParent({ scene, row, onSelect, onClose }: Props): ReactNode {
  const now = useNow(5_000);
  const orphans = orphansOf(scene, row);
  const cause = probableCause(
    scene.trace,
    orphans.map((orphan) => scene.span(orphan)!),
    now,
  );
  return (
    <section className={styles['panel']} aria-label="Missing parent" data-testid="span-detail">
      <header className={styles['head']}>
        <span className="warn">
          <Icon name="warning" size={14} />
        </span>
        <h2 className={styles['title']}>Unknown parent</h2>
        <span className="faint mono">{scene.idOf(row)}</span>
        <span className="grow" />
        <Badge look="warn">not received</Badge>
        <Button look="ghost" iconOnly onClick={onClose} aria-label="Close span details">
          <Icon name="x" size={14} />
        </Button>
      </header>
      <div className={styles['body']}>
        <p className="soft">
          {orphans.length === 1 ? 'A span names' : `${orphans.length} spans name`} this one as the
          parent, but it was never received. It is drawn over the time its children cover.
        </p>
        <p>
          <span className="medium">Probable cause: {cause.short}.</span>{' '}
          <span className="soft">{cause.text}</span>
        </p>
        <ul>
          {orphans.slice(0, 20).map((orphan) => {
            const span = scene.span(orphan)!;
            return (
              <li key={orphan}>
                <button type="button" className="link" onClick={() => onSelect(orphan)}>
                  {span.service} {span.resource || span.name}
                </button>
              </li>
            );
          })}
          {orphans.length > 20 ? <li className="faint">and {orphans.length - 20} more</li> : null}
        </ul>
      </div>
    </section>
  );
}
