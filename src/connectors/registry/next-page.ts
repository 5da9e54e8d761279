import { forbidden, invalid } from '../../model/errors.ts';

const HEADER_LENGTH_MAX = 8192;
const LINK = /<([^<>]*)>([^<]*)/g;

/**
 * The address of the next page, as a `Link` header says (RFC 8288; distribution-spec "Listing
 * tags"). A link to another host is refused: the call there would carry the sign-in along.
 */
export function nextPageOf(header: string | undefined, url: string): string | undefined {
  if (header === undefined) return undefined;
  const { host, origin } = new URL(url);
  if (header.length > HEADER_LENGTH_MAX) throw invalid(`${host} sent a Link header without end.`);
  for (const [, target = '', parameters = ''] of header.matchAll(LINK)) {
    if (!/;\s*rel\s*=\s*"?next\b/i.test(parameters)) continue;
    if (!URL.canParse(target, url)) throw invalid(`${host} names a next page that is no address.`);
    const next = new URL(target, url);
    if (next.origin === origin) return next.href;
    throw forbidden(
      `${host} says its next page is at ${next.origin}, which is not called: a page stays at its host.`,
      { code: 'page-elsewhere' },
    );
  }
  return undefined;
}
