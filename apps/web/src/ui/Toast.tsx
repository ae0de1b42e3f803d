import { type ReactNode, useSyncExternalStore } from 'react';
import styles from './toast.module.css';

let message = '';
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(text: string): void {
  message = text;
  for (const listener of listeners) listener();
}

/** Shows one line for two seconds. A later one replaces it. */
function toast(text: string): void {
  clearTimeout(timer);
  set(text);
  timer = setTimeout(() => set(''), 2000);
}

/** Copies and says so. Without clipboard access (plain HTTP on another host) it says that instead. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    toast('The browser did not allow copying');
  }
}

export function ToastHost(): ReactNode {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => message,
  );
  return (
    <div role="status" aria-live="polite">
      {text === '' ? null : <div className={styles['toast']}>{text}</div>}
    </div>
  );
}
