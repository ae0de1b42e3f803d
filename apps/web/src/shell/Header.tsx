import { Menu } from '@base-ui/react/menu';
import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { carriedParams, useUrl } from '../data/url.ts';
import { buttonClass, controlStyles, Kbd } from '../ui/controls.tsx';
import { Icon } from '../ui/Icon.tsx';
import {
  type Density,
  type Palette,
  setPreferences,
  type Theme,
  usePreferences,
} from '../ui/preferences.ts';
import { EnvironmentSelect } from './EnvironmentSelect.tsx';
import { Omnibox } from './Omnibox.tsx';
import styles from './shell.module.css';
import { TimePicker } from './TimePicker.tsx';

const TITLES: Readonly<Record<string, string>> = {
  '/': 'Set up',
  '/setup': 'Set up',
  '/traces': 'Explorer',
  '/services': 'Services',
  '/map': 'Service map',
  '/settings/system': 'System',
  '/settings/xray': 'AWS X-Ray',
};

/** Pages that show a range of time, of one environment or all. */
const RANGED: ReadonlySet<string> = new Set(['/traces', '/services', '/map']);

export function Header({ onShowShortcuts }: { readonly onShowShortcuts: () => void }): ReactNode {
  const path = useLocation({ select: (location) => location.pathname });
  const onTrace = path.startsWith('/trace/');
  return (
    <header className={styles['top']}>
      {onTrace ? (
        <TraceCrumbs />
      ) : (
        <div className={styles['crumbs']}>
          <h1 aria-current="page">{TITLES[path] ?? 'Not found'}</h1>
        </div>
      )}
      <span className="grow" />
      <Omnibox />
      {RANGED.has(path) ? (
        <>
          <EnvironmentSelect />
          <TimePicker />
        </>
      ) : null}
      <LookMenu onShowShortcuts={onShowShortcuts} />
    </header>
  );
}

function TraceCrumbs(): ReactNode {
  const [params] = useUrl();
  return (
    <nav className={styles['crumbs']} aria-label="Breadcrumb">
      <Link
        to="/traces"
        search={{ ...carriedParams(params), ...(params.q !== undefined && { q: params.q }) }}
        className="faint"
      >
        Explorer
      </Link>
      <span className="faint">/</span>
      <span aria-current="page">Trace</span>
    </nav>
  );
}

const themes: readonly { readonly value: Theme; readonly text: string }[] = [
  { value: 'light', text: 'Light' },
  { value: 'dark', text: 'Dark' },
  { value: 'system', text: 'As the system' },
];
const densities: readonly { readonly value: Density; readonly text: string }[] = [
  { value: 'compact', text: 'Compact' },
  { value: 'comfortable', text: 'Comfortable' },
];
const palettes: readonly { readonly value: Palette; readonly text: string }[] = [
  { value: 'default', text: 'Default colours' },
  { value: 'cvd', text: 'Colour-blind safe' },
];

function LookMenu({ onShowShortcuts }: { readonly onShowShortcuts: () => void }): ReactNode {
  const { theme, density, palette } = usePreferences();
  return (
    <Menu.Root>
      <Menu.Trigger
        className={buttonClass('ghost', { iconOnly: true })}
        aria-label="Theme and density"
        data-testid="look-menu"
      >
        <Icon name={theme === 'system' ? 'screen' : theme === 'dark' ? 'moon' : 'sun'} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className={controlStyles['positioner']}>
          <Menu.Popup className={`${controlStyles['popup']} ${controlStyles['menu']}`}>
            <RadioSection
              label="Theme"
              value={theme}
              options={themes}
              onChange={(value) => setPreferences({ theme: value })}
            />
            <RadioSection
              label="Density"
              value={density}
              options={densities}
              onChange={(value) => setPreferences({ density: value })}
            />
            <RadioSection
              label="Span colours"
              value={palette}
              options={palettes}
              onChange={(value) => setPreferences({ palette: value })}
            />
            <Menu.Item className={controlStyles['menuItem']} onClick={onShowShortcuts}>
              <span className="grow">Keyboard shortcuts</span>
              <Kbd>?</Kbd>
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

interface RadioSectionProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly text: string }[];
  readonly onChange: (value: Value) => void;
}

function RadioSection<Value extends string>(props: RadioSectionProps<Value>): ReactNode {
  return (
    <Menu.RadioGroup value={props.value} onValueChange={(value) => props.onChange(value as Value)}>
      <div className={controlStyles['menuLabel']}>{props.label}</div>
      {props.options.map((option) => (
        <Menu.RadioItem
          key={option.value}
          value={option.value}
          className={controlStyles['menuItem']}
        >
          {option.text}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
}
