import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { buttonClass, controlStyles } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { type ColumnId, columns } from './columns.ts';

interface Props {
  readonly chosen: readonly ColumnId[];
  readonly onChange: (chosen: readonly ColumnId[]) => void;
}

export function ColumnMenu({ chosen, onChange }: Props): ReactNode {
  return (
    <Menu.Root>
      <Menu.Trigger className={buttonClass('ghost')} data-testid="column-menu" aria-label="Columns">
        <Icon name="columns" size={14} />
        {chosen.length} of {columns.length}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className={controlStyles['positioner']}>
          <Menu.Popup className={`${controlStyles['popup']} ${controlStyles['menu']}`}>
            {columns.map(({ id, title }) => (
              <Menu.CheckboxItem
                key={id}
                className={controlStyles['menuItem']}
                checked={chosen.includes(id)}
                // The last column stays: a list of nothing helps nobody.
                disabled={chosen.length === 1 && chosen.includes(id)}
                onCheckedChange={(on) =>
                  onChange(on ? [...chosen, id] : chosen.filter((other) => other !== id))
                }
              >
                <span style={{ width: 12 }}>
                  {chosen.includes(id) ? <Icon name="check" size={12} /> : null}
                </span>
                {title}
              </Menu.CheckboxItem>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
