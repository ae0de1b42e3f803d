import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { buttonClass } from './controls.tsx';
import styles from './controls.module.css';
import { Icon } from './Icon.tsx';

interface Props<Value extends string> {
  /** What is chosen, in front of the value. */
  readonly label: string;
  readonly value: Value;
  readonly options: readonly {
    readonly value: Value;
    readonly text: string;
    readonly detail?: string;
  }[];
  readonly onChange: (value: Value) => void;
  readonly look?: 'plain' | 'ghost';
  readonly hideLabel?: boolean;
  readonly testId?: string;
  readonly className?: string;
}

/** One of a few values, behind a button that shows the current one. */
export function Choice<Value extends string>(props: Props<Value>): ReactNode {
  const current = props.options.find((option) => option.value === props.value);
  return (
    <Menu.Root>
      <Menu.Trigger
        className={buttonClass(props.look ?? 'plain', {}, props.className)}
        aria-label={`${props.label}: ${current?.text ?? props.value}`}
        data-testid={props.testId}
      >
        {props.hideLabel === true ? null : <span className="faint">{props.label}</span>}
        <b>{current?.text ?? props.value}</b>
        <Icon name="down" size={12} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="start" className={styles['positioner']}>
          <Menu.Popup className={`${styles['popup']} ${styles['menu']}`}>
            <Menu.RadioGroup
              value={props.value}
              onValueChange={(value) => props.onChange(value as Value)}
            >
              {props.options.map((option) => (
                <Menu.RadioItem
                  key={option.value}
                  value={option.value}
                  className={styles['menuItem']}
                  closeOnClick
                >
                  <span className="grow">{option.text}</span>
                  {option.detail === undefined ? null : (
                    <span className="faint">{option.detail}</span>
                  )}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
