import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'comfortable';
export type Palette = 'default' | 'cvd';
export type TimeZone = 'browser' | 'utc';

/** What a person chose once and expects everywhere. Everything linkable is in the URL instead. */
export interface Preferences {
  readonly theme: Theme;
  readonly density: Density;
  readonly palette: Palette;
  readonly timeZone: TimeZone;
  /** Undefined until chosen: pages differ in what they start with. */
  readonly railCollapsed: boolean | undefined;
  /** Height of the span details below a trace, px. */
  readonly detailHeight: number;
  /** Width of the span details beside a waterfall, px. */
  readonly detailWidth: number;
}

const KEY = 'spanloom.preferences';
const DEFAULTS: Preferences = {
  theme: 'system',
  density: 'compact',
  palette: 'default',
  timeZone: 'browser',
  railCollapsed: undefined,
  detailHeight: 330,
  detailWidth: 420,
};

const listeners = new Set<() => void>();
let current = load();

function load(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return DEFAULTS;
    const field = <Name extends keyof Preferences>(
      name: Name,
      valid: readonly unknown[],
    ): Preferences[Name] => {
      const value = (stored as Record<string, unknown>)[name];
      return valid.includes(value) ? (value as Preferences[Name]) : DEFAULTS[name];
    };
    const size = (name: 'detailHeight' | 'detailWidth'): number => {
      const value = (stored as Record<string, unknown>)[name];
      return typeof value === 'number' && value > 100 && value < 2000 ? value : DEFAULTS[name];
    };
    return {
      theme: field('theme', ['system', 'light', 'dark']),
      density: field('density', ['compact', 'comfortable']),
      palette: field('palette', ['default', 'cvd']),
      timeZone: field('timeZone', ['browser', 'utc']),
      railCollapsed: field('railCollapsed', [true, false]),
      detailHeight: size('detailHeight'),
      detailWidth: size('detailWidth'),
    };
  } catch {
    // Storage may be switched off or hold something else's text: the defaults serve.
    return DEFAULTS;
  }
}

/** Changes some preferences, for this tab at once and for later visits where storage allows. */
export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Private windows may refuse; the choice then lasts as long as the tab.
  }
  applyPreferences();
  for (const listener of listeners) listener();
}

const darkScheme = matchMedia('(prefers-color-scheme: dark)');
darkScheme.addEventListener('change', () => {
  applyPreferences();
  for (const listener of listeners) listener();
});

/** The theme in effect. */
function resolvedTheme(preferences: Preferences): 'light' | 'dark' {
  if (preferences.theme !== 'system') return preferences.theme;
  return darkScheme.matches ? 'dark' : 'light';
}

/** Writes theme, density and palette to the document. */
export function applyPreferences(): void {
  const root = document.documentElement;
  root.dataset['theme'] = resolvedTheme(current);
  root.dataset['density'] = current.density;
  if (current.palette === 'cvd') root.dataset['palette'] = 'cvd';
  else delete root.dataset['palette'];
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** Changes whenever colours or sizes on screen may have: a key for what canvas code derives from the style sheet. */
export function useLook(): string {
  const preferences = usePreferences();
  // The system scheme is not part of `preferences`, so the resolved theme is what tells one look from another.
  return `${resolvedTheme(preferences)} ${preferences.density} ${preferences.palette}`;
}
