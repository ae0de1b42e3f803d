import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { buttonClass, controlStyles } from '../../ui/controls.tsx';
import { type Cell, fileName, saveFile, toCsv } from '../../ui/csv.ts';
import { Icon } from '../../ui/Icon.tsx';

interface Props {
  readonly what: string;
  readonly names: readonly string[];
  /** Made when asked for. */
  readonly rows: () => readonly (readonly Cell[])[];
}

/** Saves the figures shown. */
export function Export({ what, names, rows }: Props): ReactNode {
  const save = (kind: 'csv' | 'json'): void => {
    const text =
      kind === 'csv'
        ? toCsv(names, rows())
        : JSON.stringify(
            rows().map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null]))),
            null,
            2,
          );
    const type = kind === 'csv' ? 'text/csv;charset=utf-8' : 'application/json';
    saveFile(fileName(what, kind, Date.now()), type, [text]);
  };
  return (
    <Menu.Root>
      <Menu.Trigger className={buttonClass('ghost')} data-testid="export-figures">
        Export
        <Icon name="down" size={12} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className={controlStyles['positioner']}>
          <Menu.Popup className={`${controlStyles['popup']} ${controlStyles['menu']}`}>
            <Menu.Item className={controlStyles['menuItem']} onClick={() => save('csv')}>
              CSV, the figures shown
            </Menu.Item>
            <Menu.Item className={controlStyles['menuItem']} onClick={() => save('json')}>
              JSON, the figures shown
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
