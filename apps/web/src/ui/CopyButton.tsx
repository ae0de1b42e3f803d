import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';
import styles from './controls.module.css';
import { copyText } from './Toast.tsx';

/** An identity that copies itself. */
export function CopyChip({
  text,
  what,
}: {
  readonly text: string;
  readonly what: string;
}): ReactNode {
  return (
    <button
      type="button"
      className={`${styles['chip']} mono faint`}
      aria-label={`Copy ${what.toLowerCase()} ${text}`}
      onClick={() => void copyText(text, what)}
    >
      <span className="ell">{text}</span>
      <Icon name="copy" size={12} />
    </button>
  );
}
