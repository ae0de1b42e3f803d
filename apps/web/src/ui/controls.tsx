import { paletteSlot } from '@spanloom/flame';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import styles from './controls.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'primary' | 'ghost';
  readonly pressed?: boolean;
  readonly iconOnly?: boolean;
}

export function Button({
  look = 'plain',
  pressed,
  iconOnly,
  className,
  ...rest
}: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      className={buttonClass(
        look,
        { iconOnly: iconOnly === true, on: pressed === true },
        className,
      )}
      {...rest}
    />
  );
}

/** The look of a button for something else that acts as one: a link, a menu trigger. */
export function buttonClass(
  look: 'plain' | 'primary' | 'ghost' = 'plain',
  state: { readonly iconOnly?: boolean; readonly on?: boolean } = {},
  more?: string,
): string {
  return classNames(
    styles['button'],
    look !== 'plain' && styles[look],
    state.on === true && styles['on'],
    state.iconOnly === true && styles['iconOnly'],
    more,
  );
}

export function Kbd({ children }: { readonly children: ReactNode }): ReactNode {
  return <kbd className={styles['kbd']}>{children}</kbd>;
}

interface SegmentedProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly text: string }[];
  readonly onChange: (value: Value) => void;
  readonly testId?: string;
}

/** Two to seven views of the same thing. */
export function Segmented<Value extends string>(props: SegmentedProps<Value>): ReactNode {
  return (
    <div
      className={styles['segmented']}
      role="radiogroup"
      aria-label={props.label}
      data-testid={props.testId}
    >
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === props.value}
          className={styles['segment']}
          onClick={() => props.onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}

interface CheckProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ReactNode;
  readonly testId?: string;
}

export function Check({ checked, onChange, children, testId }: CheckProps): ReactNode {
  return (
    <label className={styles['check']}>
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        data-testid={testId}
      />
      {children}
    </label>
  );
}

export type BadgeLook = 'info' | 'crit' | 'warn' | 'ok' | 'cold' | 'line';

export function Badge({
  look = 'info',
  children,
}: {
  readonly look?: BadgeLook;
  readonly children: ReactNode;
}): ReactNode {
  return <span className={classNames(styles['badge'], styles[look])}>{children}</span>;
}

export function Chip({
  children,
  className,
}: {
  readonly children: ReactNode;
  readonly className?: string;
}): ReactNode {
  return <span className={classNames(styles['chip'], className)}>{children}</span>;
}

export function Dot({
  state,
}: {
  readonly state: 'ok' | 'warn' | 'error' | 'plain' | 'idle';
}): ReactNode {
  return <i className={styles['dot']} data-state={state} />;
}

/** The colour of a service. `slot` where a page deals out colours itself, 0 to 23. */
export function Swatch({
  name,
  slot,
}: {
  readonly name: string;
  readonly slot?: number;
}): ReactNode {
  const number = (slot ?? paletteSlot(name)) + 1;
  return (
    <i
      className={styles['swatch']}
      style={{ background: `var(--span-${number})`, borderColor: `var(--span-${number}-edge)` }}
    />
  );
}

export function ErrorGlyph(): ReactNode {
  return (
    <span className={styles['errorGlyph']} role="img" aria-label="error">
      !
    </span>
  );
}

export { styles as controlStyles };
