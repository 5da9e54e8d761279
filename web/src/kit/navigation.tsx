import { useLocation, useRouter } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react';

export type Search = Readonly<Record<string, string | undefined>>;

/** The address with other search fields; `undefined` removes one, and so does an empty text. */
export function withSearch(path: string, current: Search, patch: Search): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...current, ...patch })) {
    if (value !== undefined && value !== '') query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Filters, tab and selection live in the address; a new filter starts at the first page. */
export function useSearchState(): {
  readonly search: Search;
  readonly hrefWith: (patch: Search) => string;
  readonly change: (patch: Search) => void;
} {
  const router = useRouter();
  const location = useLocation();
  const search = parseSearch(location.searchStr);
  const hrefWith = (patch: Search): string =>
    withSearch(location.pathname, search, { cursor: undefined, ...patch });
  return {
    search,
    hrefWith,
    change: (patch) => router.history.replace(hrefWith(patch)),
  };
}

/** One of the allowed words, or undefined: addresses are written by anyone. */
export function oneOf<T extends string>(
  value: string | undefined,
  allowed: readonly T[],
): T | undefined {
  return allowed.find((candidate) => candidate === value);
}

export function useGo(): (href: string) => void {
  const router = useRouter();
  return (href) => router.history.push(href);
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & {
  readonly href: string;
  readonly children: ReactNode;
};

/** A link inside the console: the browser's own where a new tab or a download is asked for. */
export function A({ href, onClick, ...rest }: LinkProps) {
  const router = useRouter();
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (event.defaultPrevented || event.button !== 0 || !isPlain) return;
    event.preventDefault();
    router.history.push(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}
