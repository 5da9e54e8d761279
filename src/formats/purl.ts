import type { Component } from '../model/component.ts';
import { invalid } from '../model/errors.ts';
import { normalisePurlParts, purlTypeRule, whyNoPurl } from './purl-types.ts';

/** Longer texts are no purl anybody wrote; it keeps every step below linear in something small. */
export const PURL_LENGTH_MAX = 16_384;
const QUALIFIERS_MAX = 256;

const TYPE = /^[A-Za-z][A-Za-z0-9.-]*$/;
const QUALIFIER_KEY = /^[a-z][a-z0-9._-]*$/;
/** What stands for itself in a purl: letters, digits, `.` `-` `_` `~`, and the colon. */
const PLAIN = /^[A-Za-z0-9.\-_~:]*$/;

/**
 * The canonical package URL of a component (https://github.com/package-url/purl-spec, "How to build
 * a purl" and the type definitions). Throws a Failure for parts that make no purl: an empty name, a
 * namespace where the type has none.
 */
export function buildPurl(component: Component): string {
  const type = component.type.toLowerCase();
  if (!TYPE.test(type)) throw invalid(`"${cut(component.type)}" is no type of a package URL.`);
  const rule = purlTypeRule(type);
  const parts = normalisePurlParts(
    type === component.type ? component : { ...component, type },
    rule,
  );
  const name = stripSlashes(parts.name);
  if (name === '') throw invalid(`A ${type} component without a name has no package URL.`);
  const refusal = whyNoPurl(parts, rule);
  if (refusal !== undefined) throw invalid(refusal);

  let purl = `pkg:${type}/`;
  if (parts.namespace !== undefined) {
    for (const segment of parts.namespace.split('/')) {
      if (segment !== '') purl += `${encode(segment)}/`;
    }
  }
  // A git purl's name is the path on its host, the one name whose slashes separate.
  purl += type === 'git' ? name.split('/').map(encode).join('/') : encode(name);
  if (parts.version !== '') purl += `@${encode(parts.version)}`;
  if (parts.qualifiers !== undefined) purl += qualifierText(parts.qualifiers);
  if (parts.subpath !== undefined) purl += subpathText(parts.subpath);
  return purl;
}

/**
 * Reads a package URL as strictly as the specification's own test cases: qualifier keys in lower
 * case and unique, namespaces only where the type has them. The result is in canonical form; its
 * version is empty when the purl has none. Throws a Failure that says what is wrong.
 */
export function parsePurl(text: string): Component {
  return parse(text, true);
}

/**
 * Reads a package URL that somebody else stated, in an SBOM or a search box: capital letters in
 * qualifier keys, a repeated key (the first counts) and a namespace its type does not have are
 * let pass, so that only what cannot be read at all is refused.
 */
export function parseStatedPurl(text: string): Component {
  return parse(text, false);
}

/** The canonical form of a purl somebody stated: `pkg:PYPI/Foo_Bar` → `pkg:pypi/foo-bar`. */
export function canonicalPurl(text: string): string {
  return buildPurl(parseStatedPurl(text));
}

function parse(text: string, strict: boolean): Component {
  if (text.length > PURL_LENGTH_MAX) {
    throw invalid(`A package URL over ${PURL_LENGTH_MAX} characters is not read.`);
  }
  const [beforeSubpath, subpathPart] = splitRight(text, '#');
  const [beforeQualifiers, qualifierPart] = splitRight(beforeSubpath, '?');
  const { type, rest } = schemeAndType(beforeQualifiers, text);
  const { path, versionPart } = splitVersion(rest);
  const { namespacePart, namePart } = splitName(type, path);

  const name = decode(namePart, text);
  if (name === '') throw notPurl(text, 'it has no name');
  const namespace = namespaceOf(namespacePart, text, strict);
  const qualifiers = qualifierPart === '' ? undefined : qualifiersOf(qualifierPart, text, strict);
  const subpath = subpathPart === '' ? '' : subpathOf(subpathPart, text);
  const rule = purlTypeRule(type);
  const parts = normalisePurlParts(
    {
      type,
      ...(namespace === '' ? {} : { namespace }),
      name,
      version: decode(versionPart, text),
      ...(qualifiers === undefined ? {} : { qualifiers }),
      ...(subpath === '' ? {} : { subpath }),
    },
    rule,
  );
  const refusal = strict ? whyNoPurl(parts, rule) : undefined;
  if (refusal !== undefined) throw invalid(refusal);
  return parts;
}

function schemeAndType(text: string, whole: string): { type: string; rest: string } {
  if (text.slice(0, 4).toLowerCase() !== 'pkg:')
    throw notPurl(whole, 'it does not begin with pkg:');
  let start = 4;
  while (text.charCodeAt(start) === 47) start += 1;
  const slash = text.indexOf('/', start);
  if (slash === -1) throw notPurl(whole, 'it has no name after its type');
  const type = text.slice(start, slash);
  if (!TYPE.test(type)) throw notPurl(whole, `its type "${cut(type)}" is no purl type`);
  return { type: type.toLowerCase(), rest: text.slice(slash + 1) };
}

/**
 * The last `@` begins the version, except one that opens a segment with more segments behind it:
 * `@babel/core`, an npm scope somebody did not encode.
 */
function splitVersion(rest: string): { path: string; versionPart: string } {
  const at = rest.lastIndexOf('@');
  if (at === -1) return { path: rest, versionPart: '' };
  const opensSegment = at === 0 || rest.charCodeAt(at - 1) === 47;
  if (opensSegment && rest.indexOf('/', at) !== -1) return { path: rest, versionPart: '' };
  return { path: rest.slice(0, at), versionPart: rest.slice(at + 1) };
}

function splitName(type: string, path: string): { namespacePart: string; namePart: string } {
  const trimmed = stripSlashes(path);
  const slash = type === 'git' ? trimmed.indexOf('/') : trimmed.lastIndexOf('/');
  // `swift/github.com/Alamofire/@5.4.3`: the name itself is missing, not the last segment of the
  // rest.
  if (path.endsWith('/') && trimmed.includes('/')) {
    return { namespacePart: trimmed, namePart: '' };
  }
  return {
    namespacePart: trimmed.slice(0, Math.max(slash, 0)),
    namePart: trimmed.slice(slash + 1),
  };
}

function namespaceOf(part: string, whole: string, strict: boolean): string {
  if (part === '') return '';
  const segments: string[] = [];
  for (const piece of part.split('/')) {
    if (piece === '') continue;
    const segment = decode(piece, whole);
    if (strict && segment.includes('/')) {
      throw notPurl(whole, 'a segment of its namespace holds an encoded slash');
    }
    segments.push(segment);
  }
  return segments.join('/');
}

function qualifiersOf(
  part: string,
  whole: string,
  strict: boolean,
): Readonly<Record<string, string>> | undefined {
  const pairs = part.split('&');
  if (pairs.length > QUALIFIERS_MAX) {
    throw notPurl(whole, `it has more than ${QUALIFIERS_MAX} qualifiers`);
  }
  const values = new Map<string, string>();
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const written = equals === -1 ? pair : pair.slice(0, equals);
    // The published cases refuse `Platform=java` and accept `repositorY_url=…`: strictly, a key
    // begins with a small letter, and capitals further in are folded as "How to parse" says.
    const key = written.toLowerCase();
    if (!QUALIFIER_KEY.test(key) || (strict && written.charAt(0) !== key.charAt(0))) {
      throw notPurl(whole, `"${cut(written)}" is no key of a qualifier`);
    }
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1), whole);
    if (value === '') continue;
    if (!values.has(key)) values.set(key, value);
    else if (strict) throw notPurl(whole, `its qualifier ${key} is there twice`);
  }
  // fromEntries defines, so a key named __proto__ is a key and nothing else.
  return values.size === 0 ? undefined : Object.fromEntries(values);
}

function subpathOf(part: string, whole: string): string {
  const segments: string[] = [];
  for (const piece of part.split('/')) {
    const segment = decode(piece, whole);
    if (segment === '' || segment === '.' || segment === '..') continue;
    if (segment.includes('/')) throw notPurl(whole, 'a segment of its subpath holds a slash');
    segments.push(segment);
  }
  return segments.join('/');
}

function qualifierText(qualifiers: Readonly<Record<string, string>>): string {
  const keys = Object.keys(qualifiers);
  if (keys.length === 0) return '';
  // By key, not by "key=value": `compiler` comes before `compiler.version`.
  keys.sort();
  let text = '';
  let previous = '';
  for (const written of keys) {
    const value = qualifiers[written] ?? '';
    if (value === '') continue;
    if (!QUALIFIER_KEY.test(written)) {
      throw invalid(`"${cut(written)}" is no key of a package URL's qualifier.`);
    }
    text += `${previous === '' ? '?' : '&'}${written}=${encode(value)}`;
    previous = written;
  }
  return text;
}

function subpathText(subpath: string): string {
  const segments: string[] = [];
  for (const segment of subpath.split('/')) {
    if (segment !== '' && segment !== '.' && segment !== '..') segments.push(encode(segment));
  }
  return segments.length === 0 ? '' : `#${segments.join('/')}`;
}

function encode(text: string): string {
  if (PLAIN.test(text)) return text;
  // A lone surrogate, from a hostile file name, becomes U+FFFD instead of an error.
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string, whole: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw notPurl(whole, `"${cut(text)}" is not percent-encoded UTF-8`);
  }
}

function splitRight(text: string, separator: string): readonly [string, string] {
  const at = text.lastIndexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function stripSlashes(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) === 47) start += 1;
  while (end > start && text.charCodeAt(end - 1) === 47) end -= 1;
  return text.slice(start, end);
}

function notPurl(whole: string, why: string): Error {
  return invalid(`"${cut(whole)}" is no package URL: ${why}.`, { code: 'not-a-purl' });
}

function cut(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
