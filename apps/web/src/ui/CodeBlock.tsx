import type { ReactNode } from 'react';
import styles from './CodeBlock.module.css';
import { Icon } from './Icon.tsx';
import { copyText } from './Toast.tsx';

interface Props {
  /** What it is, for the button and the toast: `Policy`. */
  readonly what: string;
  /** Where it belongs, above the text. */
  readonly title?: ReactNode;
  readonly text: string;
}

/** Text to take along, with a button that does. */
export function CodeBlock({ what, title, text }: Props): ReactNode {
  return (
    <figure className={styles['block']}>
      <figcaption className={styles['head']}>
        <span className="ell">{title ?? what}</span>
        <button
          type="button"
          className={styles['copy']}
          aria-label={`Copy ${what.toLowerCase()}`}
          onClick={() => void copyText(text, what)}
        >
          <Icon name="copy" size={12} />
          Copy
        </button>
      </figcaption>
      <pre tabIndex={0}>{text}</pre>
    </figure>
  );
}
