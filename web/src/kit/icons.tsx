import type { ReactNode } from 'react';

type Props = { readonly size?: number };

function icon(path: ReactNode) {
  return function Icon({ size = 16 }: Props) {
    return (
      <svg
        aria-hidden="true"
        fill="none"
        height={size}
        stroke="currentColor"
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth={1.75}
        viewBox="0 0 24 24"
        width={size}
      >
        {path}
      </svg>
    );
  };
}

export const Anchor = icon(
  <>
    <circle cx="12" cy="5" r="2.5" />
    <path d="M12 7.500V21M8 11h8M4 14a8 8 0 0 0 16 0M4 14l-1.500 2M4 14l2.200 1.500M20 14l1.500 2M20 14l-2.200 1.500" />
  </>,
);
export const SealMark = icon(
  <>
    <path d="M12 3l7.500 2.500v6c0 4.500-3 8-7.500 9.500-4.500-1.500-7.500-5-7.500-9.500v-6z" />
    <path d="M9 11.500l2.200 2.200 4-4" />
  </>,
);
export const ArrowUp = icon(<path d="M12 19V5M6 11l6-6 6 6" />);
export const ArrowDown = icon(<path d="M12 5v14M6 13l6 6 6-6" />);
