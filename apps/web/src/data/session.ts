import { useSyncExternalStore } from 'react';

let needed = false;
const listeners = new Set<() => void>();

/** Notes that the server wants the admin token before it answers. */
export function reportSignInNeeded(value: boolean): void {
  if (needed === value) return;
  needed = value;
  for (const listener of listeners) listener();
}

/** Whether the server wants the admin token. */
export function useSignInNeeded(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => needed,
  );
}
