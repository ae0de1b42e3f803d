import type { ReactNode } from 'react';
import { iconPaths, type IconName } from './icon-paths.ts';

interface Props {
  readonly name: IconName;
  readonly size?: 12 | 14 | 16;
  readonly className?: string;
}

/** A drawing in the colour of its text. Decoration only: whatever it stands for also has words. */
export function Icon({ name, size = 16, className }: Props): ReactNode {
  return (
    <svg
      className={className}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.3"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={iconPaths[name]} />
    </svg>
  );
}
