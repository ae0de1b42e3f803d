import { Outlet, useLocation } from '@tanstack/react-router';
import { type ReactNode, useState, useSyncExternalStore } from 'react';
import { setPreferences, usePreferences } from '../ui/preferences.ts';
import { copyText, ToastHost } from '../ui/Toast.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { Header } from './Header.tsx';
import { BottomNav, Rail } from './Rail.tsx';
import { ShortcutSheet } from './ShortcutSheet.tsx';
import styles from './shell.module.css';

const narrow = matchMedia('(max-width: 1180px)');

export function Shell(): ReactNode {
  const preferences = usePreferences();
  const path = useLocation({ select: (location) => location.pathname });
  const [sheet, setSheet] = useState(false);
  const isNarrow = useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => narrow.removeEventListener('change', listener);
    },
    () => narrow.matches,
  );
  const onTrace = path.startsWith('/trace/');
  // A trace needs the width more than the words.
  const collapsed = preferences.railCollapsed ?? (isNarrow || onTrace);
  useKeys({
    '?': () => setSheet(true),
    // On a trace the brackets expand and collapse its rows.
    '[': () => (onTrace ? false : setPreferences({ railCollapsed: !collapsed })),
    c: () => void copyText(location.href, 'Link'),
  });
  return (
    <div className={styles['app']} data-collapsed={collapsed}>
      <Rail collapsed={collapsed} onToggle={() => setPreferences({ railCollapsed: !collapsed })} />
      <Header onShowShortcuts={() => setSheet(true)} />
      <main className={styles['main']}>
        <Outlet />
      </main>
      <BottomNav />
      <ShortcutSheet open={sheet} onOpenChange={setSheet} />
      <ToastHost />
    </div>
  );
}
