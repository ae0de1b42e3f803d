import { useState } from 'react';

/** State that a later visit finds again, under a name of its own. `read` makes sense of what is stored, which may be anything. */
export function useRemembered<Value>(
  name: string,
  read: (stored: unknown) => Value,
): readonly [Value, (value: Value) => void] {
  const key = `spanloom.${name}`;
  const [value, setValue] = useState(() => read(recall(key)));
  const remember = (next: Value): void => {
    setValue(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Private windows may refuse; the state then lasts as long as the page.
    }
  };
  return [value, remember];
}

function recall(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** Stored flags by name. */
export function readFlags(stored: unknown): Readonly<Record<string, boolean>> {
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(
    Object.entries(stored).filter((entry): entry is [string, boolean] => {
      return typeof entry[1] === 'boolean';
    }),
  );
}

/** Stored texts. */
export function readTexts(stored: unknown): readonly string[] {
  return Array.isArray(stored)
    ? stored.filter((item): item is string => typeof item === 'string')
    : [];
}

/** Stored numbers by name. */
export function readNumbers(stored: unknown): Readonly<Record<string, number>> {
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(
    Object.entries(stored).filter((entry): entry is [string, number] => {
      return typeof entry[1] === 'number' && Number.isFinite(entry[1]);
    }),
  );
}
