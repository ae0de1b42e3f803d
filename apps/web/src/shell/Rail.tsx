import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { carriedParams, useUrl } from '../data/url.ts';
import { Icon } from '../ui/Icon.tsx';
import type { IconName } from '../ui/icon-paths.ts';
import { Logo } from '../ui/Logo.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import styles from './shell.module.css';

interface Entry {
  readonly to: '/setup' | '/traces' | '/services' | '/map' | '/settings/system' | '/settings/xray';
  readonly icon: IconName;
  readonly text: string;
}

const setup: Entry = { to: '/setup', icon: 'home', text: 'Set up' };
const explorer: Entry = { to: '/traces', icon: 'traces', text: 'Explorer' };
const services: Entry = { to: '/services', icon: 'host', text: 'Services' };
const map: Entry = { to: '/map', icon: 'map', text: 'Service map' };
const system: Entry = { to: '/settings/system', icon: 'settings', text: 'System' };
const xray: Entry = { to: '/settings/xray', icon: 'cloud', text: 'X-Ray' };

/** Navigation. Only pages that exist are listed. */
export function Rail({
  collapsed,
  onToggle,
}: {
  readonly collapsed: boolean;
  readonly onToggle: () => void;
}): ReactNode {
  return (
    <aside className={styles['rail']}>
      <Link to="/" className={styles['brand']} aria-label="Spanloom, start page">
        <Logo />
        <span className={styles['label']}>Spanloom</span>
      </Link>
      <nav className={styles['nav']} aria-label="Pages">
        <RailLink entry={setup} collapsed={collapsed} />
        <div className={styles['group']}>Traces</div>
        <div className={styles['separator']} />
        <RailLink entry={explorer} collapsed={collapsed} />
        <div className={styles['group']}>Services</div>
        <div className={styles['separator']} />
        <RailLink entry={services} collapsed={collapsed} />
        <RailLink entry={map} collapsed={collapsed} />
      </nav>
      <div className={styles['foot']}>
        <RailLink entry={xray} collapsed={collapsed} />
        <RailLink entry={system} collapsed={collapsed} />
        <button
          type="button"
          className={styles['item']}
          onClick={onToggle}
          aria-label={collapsed ? 'Expand navigation' : 'Collapse navigation'}
          aria-keyshortcuts="["
        >
          <Icon name="rail" />
          <span className={styles['label']}>Collapse</span>
        </button>
      </div>
    </aside>
  );
}

function RailLink({
  entry,
  collapsed,
}: {
  readonly entry: Entry;
  readonly collapsed: boolean;
}): ReactNode {
  const [params] = useUrl();
  const link = (
    <Link
      to={entry.to}
      search={carriedParams(params)}
      activeOptions={{ includeSearch: false }}
      className={styles['item']}
      aria-label={entry.text}
    >
      <Icon name={entry.icon} />
      <span className={styles['label']}>{entry.text}</span>
    </Link>
  );
  return collapsed ? <Tooltip text={entry.text}>{link}</Tooltip> : link;
}

/** The same pages at the bottom of a narrow screen. */
export function BottomNav(): ReactNode {
  const [params] = useUrl();
  return (
    <nav className={styles['bottomNav']} aria-label="Pages">
      {[explorer, services, map, xray, system].map((entry) => (
        <Link
          key={entry.to}
          to={entry.to}
          search={carriedParams(params)}
          activeOptions={{ includeSearch: false }}
        >
          <Icon name={entry.icon} />
          {entry.text}
        </Link>
      ))}
    </nav>
  );
}
