import { Popover } from '@base-ui/react/popover';
import { type ReactNode, useState } from 'react';
import { useUrl } from '../data/url.ts';
import { Button, buttonClass, controlStyles, Dot, Segmented } from '../ui/controls.tsx';
import { zoneName } from '../ui/format.ts';
import { Icon } from '../ui/Icon.tsx';
import { parseTimeRange } from '../ui/parse-time-range.ts';
import { setPreferences, type TimeZone, usePreferences } from '../ui/preferences.ts';
import {
  describeRange,
  LIVE,
  presets,
  readRange,
  stepRange,
  type TimeRange,
  widenRange,
} from '../ui/time-range.ts';
import { useKeys } from '../ui/use-keys.ts';
import styles from './shell.module.css';

/** The time range: presets, typed text, a window back or forward, and the zone times are shown in. */
export function TimePicker(): ReactNode {
  const [params, setUrl] = useUrl();
  const { timeZone } = usePreferences();
  const [open, setOpen] = useState(false);
  const range = readRange(params.from, params.to, LIVE);
  const live = params.from === undefined;
  useKeys({ d: () => setOpen(true) });
  const choose = (next: TimeRange | undefined): void => {
    setUrl({ from: next?.from, to: next?.to, paused: undefined }, { push: true });
    setOpen(false);
  };
  return (
    <div className={styles['timeGroup']}>
      <Button
        iconOnly
        aria-label="Earlier by one window"
        onClick={() => choose(stepRange(range, -1, Date.now()))}
      >
        <Icon name="left" size={14} />
      </Button>
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger className={buttonClass()} data-testid="time-picker">
          {live ? <Dot state="ok" /> : <Icon name="clock" size={14} />}
          <b>{live ? 'Live, 15 m' : describeRange(range, timeZone)}</b>
          <span className={`faint ${styles['wide']}`}>{zoneName(timeZone)}</span>
          <Icon name="down" size={12} />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner sideOffset={4} align="end" className={controlStyles['positioner']}>
            <Popover.Popup
              className={`${controlStyles['popup']} ${styles['picker']}`}
              aria-label="Time range"
            >
              <TypedRange onChoose={choose} />
              <div className={styles['presets']}>
                <button
                  type="button"
                  className={controlStyles['menuItem']}
                  aria-checked={live}
                  role="menuitemradio"
                  onClick={() => choose(undefined)}
                >
                  <Dot state="ok" /> Live, 15 m
                </button>
                {presets.map(({ text, range: preset }) => (
                  <button
                    key={text}
                    type="button"
                    role="menuitemradio"
                    aria-checked={!live && preset.from === range.from && range.to === 'now'}
                    className={controlStyles['menuItem']}
                    onClick={() => choose(preset)}
                  >
                    {text}
                  </button>
                ))}
                <button
                  type="button"
                  className={controlStyles['menuItem']}
                  onClick={() => choose(widenRange(range, Date.now()))}
                >
                  Twice as long
                </button>
              </div>
              <div className={styles['pickerFoot']}>
                <span className="faint">Times in</span>
                <Segmented
                  label="Time zone"
                  value={timeZone}
                  options={[
                    { value: 'browser', text: zoneName('browser') },
                    { value: 'utc', text: 'UTC' },
                  ]}
                  onChange={(zone) => setPreferences({ timeZone: zone })}
                />
              </div>
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
      <Button
        iconOnly
        aria-label="Later by one window"
        disabled={range.to === 'now'}
        onClick={() => choose(stepRange(range, 1, Date.now()))}
      >
        <Icon name="right" size={14} />
      </Button>
    </div>
  );
}

function TypedRange({ onChoose }: { readonly onChoose: (range: TimeRange) => void }): ReactNode {
  const { timeZone } = usePreferences();
  const [text, setText] = useState('');
  const parsed = readTyped(text, timeZone);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (parsed !== undefined) onChoose(parsed);
      }}
    >
      <input
        className={styles['pickerInput']}
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="3h, yesterday, Nov 17 11:30 - 12:00"
        aria-label="Time range as text"
        aria-invalid={text.trim() !== '' && parsed === undefined}
        data-testid="time-text"
        autoFocus
        spellCheck={false}
      />
      <div className={styles['pickerHelp']} role="status">
        {text.trim() === ''
          ? 'Type a length, a day, a time, Unix seconds, ISO 8601, or two with “ - ” between.'
          : parsed === undefined
            ? 'Not a time yet.'
            : `${describeRange(parsed, timeZone)}, Enter to apply`}
      </div>
    </form>
  );
}

/** What the text means now; relative words are read again on every keystroke. */
function readTyped(text: string, zone: TimeZone): TimeRange | undefined {
  return text.trim() === '' ? undefined : parseTimeRange(text, Date.now(), zone);
}
