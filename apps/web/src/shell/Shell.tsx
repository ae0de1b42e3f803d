import { Outlet, useLocation } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { setPreferences, usePreferences } from '../ui/preferences.ts';
import { copyText, ToastHost } from '../ui/Toast.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { useMedia } from '../ui/use-media.ts';
import { Header } from './Header.tsx';
import { BottomNav, Rail } from './Rail.tsx';
import { ShortcutSheet } from './ShortcutSheet.tsx';
import styles from './shell.module.css';

export function Shell(): ReactNode {
  const preferences = usePreferences();
  const path = useLocation({ select: (location) => location.pathname });
  const [sheet, setSheet] = useState(false);
  const isNarrow = useMedia('(max-width: 1180px)');
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
