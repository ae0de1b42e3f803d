import { Menu } from '@base-ui/react/menu';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonClass, controlStyles } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { isRelative, rangeMillis, type TimeRange } from '../../ui/time-range.ts';
import { copyText } from '../../ui/Toast.tsx';

/** A link to what is shown: with the range as it is, or fixed to what it covers now. */
export function CopyLink({ range }: { readonly range: TimeRange }): ReactNode {
  const router = useRouter();
  const copyFixed = (): void => {
    const { from, to } = rangeMillis(range, Date.now());
    const { href } = router.buildLocation({
      to: '.',
      search: (previous: object) => ({ ...previous, from: String(from), to: String(to) }),
    });
    void copyText(new URL(href, location.href).href, 'Link');
  };
  return (
    <Menu.Root>
      <Menu.Trigger
        className={buttonClass('ghost', { iconOnly: true })}
        aria-label="Copy link"
        data-testid="copy-link"
      >
        <Icon name="link" size={14} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className={controlStyles['positioner']}>
          <Menu.Popup className={`${controlStyles['popup']} ${controlStyles['menu']}`}>
            <Menu.Item
              className={controlStyles['menuItem']}
              onClick={() => void copyText(location.href, 'Link')}
            >
              {isRelative(range) ? 'Link that moves with the time' : 'Link to this range'}
            </Menu.Item>
            {isRelative(range) ? (
              <Menu.Item className={controlStyles['menuItem']} onClick={copyFixed}>
                Link to the range as it is now
              </Menu.Item>
            ) : null}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
