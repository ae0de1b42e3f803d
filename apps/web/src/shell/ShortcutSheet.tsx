import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import { buttonClass, controlStyles, Kbd } from '../ui/controls.tsx';
import { Icon } from '../ui/Icon.tsx';
import styles from './shell.module.css';

const SECTIONS: readonly {
  readonly title: string;
  readonly keys: readonly (readonly [keys: string, action: string])[];
}[] = [
  {
    title: 'Everywhere',
    keys: [
      ['/ · Ctrl K', 'search, or paste an ID'],
      ['[', 'fold the navigation'],
      ['c', 'copy a link to this view'],
      ['?', 'this sheet'],
      ['Esc', 'close, clear, step out'],
    ],
  },
  {
    title: 'Explorer',
    keys: [
      ['j k', 'next and previous row'],
      ['Enter · o', 'open the trace'],
      ['Space', 'pause or resume live'],
      ['d', 'time range'],
      ['q', 'edit the query'],
    ],
  },
  {
    title: 'Services and map',
    keys: [
      ['f', 'filter by name'],
      ['← → ↑ ↓', 'walk the map'],
      ['Enter', 'open what is walked on'],
      ['+ - 0', 'zoom in and out, fit all'],
    ],
  },
  {
    title: 'Trace',
    keys: [
      ['1 2 3', 'flame, waterfall, list'],
      ['w s', 'zoom in and out at the cursor'],
      ['a d', 'pan; Shift for a large step'],
      ['z 0', 'zoom to the span, fit all'],
      ['p · Shift p', 'parent, root'],
      [', .', 'previous and next sibling'],
      ['n · Shift n', 'next and previous hit'],
      ['e · Shift e', 'next and previous error'],
      ['← →', 'collapse and expand a row'],
      ['[ ]', 'expand all, collapse all'],
      ['r', 'merge report'],
      ['h', 'show or hide duplicates'],
      ['f', 'find in the trace'],
    ],
  },
];

export function ShortcutSheet({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}): ReactNode {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles['scrim']} />
        <Dialog.Popup className={`${controlStyles['popup']} ${styles['sheet']}`}>
          <div className={styles['sheetHead']}>
            <Dialog.Title>Keyboard</Dialog.Title>
            <Dialog.Close className={buttonClass('ghost', { iconOnly: true })} aria-label="Close">
              <Icon name="x" size={14} />
            </Dialog.Close>
          </div>
          <div className={styles['shortcuts']}>
            {SECTIONS.map(({ title, keys }) => (
              <section key={title}>
                <h3>{title}</h3>
                {keys.map(([key, action]) => (
                  <div key={key} className={styles['shortcut']}>
                    <span className="soft">{action}</span>
                    <span>
                      {key.split(' ').map((part, i) =>
                        part === '·' ? (
                          <span key={i} className="faint">
                            or
                          </span>
                        ) : (
                          <Kbd key={i}>{part}</Kbd>
                        ),
                      )}
                    </span>
                  </div>
                ))}
              </section>
            ))}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
