import { type ReactNode, useId } from 'react';

/** Three threads, two crossings, one strand. The masks cut the gap beside each upper thread. */
export function Logo({ size = 22 }: { readonly size?: number }): ReactNode {
  const id = useId();
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      strokeWidth="2"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <mask id={`${id}a`} maskUnits="userSpaceOnUse" x="0" y="0" width="24" height="24">
        <path d="M0 0h24v24H0z" fill="#fff" />
        <path d="M2 5c3 0 3.5 7 6.5 7" stroke="#000" strokeWidth="4.4" strokeLinecap="butt" />
      </mask>
      <mask id={`${id}b`} maskUnits="userSpaceOnUse" x="0" y="0" width="24" height="24">
        <path d="M0 0h24v24H0z" fill="#fff" />
        <path d="M7.5 19c3 0 3-7 6-7" stroke="#000" strokeWidth="4.4" strokeLinecap="butt" />
      </mask>
      <path mask={`url(#${id}a)`} d="M2 12c3 0 3.5-7 6.5-7h4c4 0 4 7 8 7" stroke="currentColor" />
      <path
        mask={`url(#${id}b)`}
        d="M2 5c3 0 3.5 7 6.5 7s2.5 7 5 7c3.5 0 3.5-7 7.5-7"
        stroke="var(--accent-text)"
      />
      <path d="M2 19h5.5c3 0 3-7 6-7H22" stroke="currentColor" />
    </svg>
  );
}
