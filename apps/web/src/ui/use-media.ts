import { useSyncExternalStore } from 'react';

const queries = new Map<string, MediaQueryList>();

/** Whether a media query holds, followed as it changes. */
export function useMedia(query: string): boolean {
  let list = queries.get(query);
  if (list === undefined) {
    list = matchMedia(query);
    queries.set(query, list);
  }
  const found = list;
  return useSyncExternalStore(
    (listener) => {
      found.addEventListener('change', listener);
      return () => found.removeEventListener('change', listener);
    },
    () => found.matches,
  );
}
