import { Popover } from '@base-ui/react/popover';
import type { ReactNode } from 'react';
import { Button, buttonClass, Check, controlStyles } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { KeyInput } from '../../ui/KeyInput.tsx';
import { attributeOf, type ColumnId, columns, defaultColumns } from './columns.ts';
import styles from './explorer.module.css';

interface Props {
  readonly chosen: readonly ColumnId[];
  /** Attributes of the loaded spans, with their sigil. */
  readonly knownKeys: readonly string[];
  readonly onChange: (chosen: readonly ColumnId[]) => void;
  /** Gives every column the width it comes with. */
  readonly onResetWidths: () => void;
}

/** Which columns the list has: fields of spans, and any attribute. */
export function ColumnMenu({ chosen, knownKeys, onChange, onResetWidths }: Props): ReactNode {
  const attributes = chosen.filter((id) => attributeOf(id) !== undefined);
  const toggle = (id: ColumnId, on: boolean): void => {
    const next = on ? [...chosen, id] : chosen.filter((other) => other !== id);
    // The last column stays: a list of nothing helps nobody.
    if (next.length > 0) onChange(next);
  };
  return (
    <Popover.Root>
      <Popover.Trigger
        className={buttonClass('ghost')}
        data-testid="column-menu"
        aria-label="Columns"
      >
        <Icon name="columns" size={14} />
        {chosen.length}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="end" className={controlStyles['positioner']}>
          <Popover.Popup
            className={`${controlStyles['popup']} ${styles['columns']}`}
            aria-label="Columns"
          >
            {[...columns.map(({ id, title }) => ({ id, title })), ...attributes.map(titled)].map(
              ({ id, title }) => (
                <Check key={id} checked={chosen.includes(id)} onChange={(on) => toggle(id, on)}>
                  <span className={attributeOf(id) === undefined ? undefined : 'mono'}>
                    {title}
                  </span>
                </Check>
              ),
            )}
            <KeyInput
              label="Add an attribute as a column"
              placeholder="@any.attribute"
              keys={knownKeys.filter((key) => !chosen.includes(key as ColumnId))}
              testId="add-column"
              onChoose={(key) => {
                const id: ColumnId = `@${key.replace(/^@/, '')}`;
                if (!chosen.includes(id)) onChange([...chosen, id]);
              }}
            />
            <div className={styles['columnActions']}>
              <Button
                look="ghost"
                onClick={() => {
                  onChange(defaultColumns);
                  onResetWidths();
                }}
              >
                As at first
              </Button>
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function titled(id: ColumnId): { readonly id: ColumnId; readonly title: string } {
  return { id, title: id };
}
