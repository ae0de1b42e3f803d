import { parseFacet } from '@spanloom/query';
import { type ReactNode, useId, useState } from 'react';
import styles from './KeyInput.module.css';

interface Props {
  readonly label: string;
  readonly placeholder: string;
  /** Keys that exist, with their sigil where they need one. */
  readonly keys: readonly string[];
  /** What the field starts with. */
  readonly value?: string;
  readonly autoFocus?: boolean;
  readonly onChoose: (key: string) => void;
  /** Left without a choice. */
  readonly onLeave?: () => void;
  readonly testId?: string;
}

/** One key of the query language, from those that exist or any other. Chosen with Enter or from the list. */
export function KeyInput(props: Props): ReactNode {
  const { value = '', keys, onChoose, onLeave } = props;
  const [text, setText] = useState(value);
  const list = useId();
  const wanted = text.trim();
  const valid = wanted === '' || parseFacet(wanted) !== undefined;
  const choose = (key: string): void => {
    if (key === '' || key === value || parseFacet(key) === undefined) return;
    onChoose(key);
    if (value === '') setText('');
  };
  return (
    <>
      <input
        className={styles['input']}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- only where a button just asked for the field
        autoFocus={props.autoFocus}
        aria-label={props.label}
        aria-invalid={!valid}
        title={valid ? undefined : 'A key has no spaces, quotes, colons or brackets'}
        placeholder={props.placeholder}
        list={list}
        value={text}
        data-testid={props.testId}
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          // What is picked from the list arrives whole; typing arrives letter by letter.
          const type = (event.nativeEvent as InputEvent).inputType as string | undefined;
          if ((type === undefined || type === 'insertReplacementText') && keys.includes(next)) {
            choose(next);
          }
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') choose(wanted);
          else if (event.key === 'Escape') {
            setText(value);
            onLeave?.();
          }
        }}
        onBlur={() => {
          choose(wanted);
          onLeave?.();
        }}
      />
      <datalist id={list}>
        {keys.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </>
  );
}
