import { forbidden, invalid } from '../../model/errors.ts';
import { assertMayCall } from './address-rule.ts';

/**
 * Where calls may go: the origin an operator named, and hosts listed beside it. `cdn.example` is
 * that host over https at its usual port, `*.cdn.example` every name below it, and
 * `http://127.0.0.1:5000` exactly that origin.
 */
export type AllowedHosts = { readonly origin: string; readonly others: readonly string[] };

const URL_LENGTH_MAX = 8192;

/** Throws a Failure that says what is wrong with the address and where it came from. */
export function parseAllowedUrl(written: string, base: string, allowed: AllowedHosts): URL {
  const from = new URL(base).host;
  if (written.length > URL_LENGTH_MAX || !URL.canParse(written, base)) {
    throw invalid(`${from} names an address that is none.`, { code: 'not-an-address' });
  }
  const url = new URL(written, base);
  if (url.username !== '' || url.password !== '') {
    throw invalid(`${from} names an address with a password in it, which is never called.`);
  }
  assertMayCall(url);
  if (isAllowed(url, allowed)) return url;
  throw forbidden(
    `${from} leads to ${url.origin}, which is not configured for this connection and is not called.`,
    { code: 'address-not-configured' },
  );
}

export function isAllowed(url: URL, { origin, others }: AllowedHosts): boolean {
  return url.origin === origin || others.some((other) => matchesHost(url, other));
}

export function matchesHost(url: URL, listed: string): boolean {
  if (listed.includes('://')) return URL.canParse(listed) && url.origin === new URL(listed).origin;
  if (url.protocol !== 'https:') return false;
  const host = listed.toLowerCase();
  // `host` carries a port where it is not 443, so a listed host without one means 443.
  return host.startsWith('*.') ? url.host.endsWith(host.slice(1)) : url.host === host;
}
