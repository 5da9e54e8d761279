import { invalid } from './errors.ts';

/** What JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

const DEPTH_MAX = 32;

type Composite = readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * The one spelling of a JSON value (RFC 8785): no white space, members sorted by UTF-16 code units,
 * numbers as ECMAScript writes them. Members that are undefined are left out.
 */
export function canonicalJson(value: Json): string {
  // JSON.stringify writes strings and numbers as RFC 8785 wants them, in a fraction of the time
  // that composing takes; what is left to us is the order of members, and what has no spelling.
  const check = { needsComposing: false };
  const ordered = putInOrder(value, 0, check);
  return check.needsComposing ? compose(ordered) : JSON.stringify(ordered);
}

/** The same value with members in order; the value itself where they are already. */
function putInOrder(
  value: Json | undefined,
  depth: number,
  check: { needsComposing: boolean },
): Json {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw invalid('A text holds half a character.');
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw invalid('A number is not finite.');
      return value;
    case 'boolean':
      return value;
    case 'object':
      if (depth >= DEPTH_MAX) throw invalid(`The value is nested over ${DEPTH_MAX} levels deep.`);
      if (value === null) return value;
      if (isList(value)) return value.map((each) => putInOrder(each, depth + 1, check));
      return orderMembers(value, depth, check);
    default:
      throw invalid('The value holds something that JSON cannot.');
  }
}

function orderMembers(
  value: { readonly [key: string]: Json | undefined },
  depth: number,
  check: { needsComposing: boolean },
): Json {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw invalid('The value holds something that JSON cannot.');
  }
  const keys = Object.keys(value);
  if (!isSorted(keys)) keys.sort();
  const ordered: { [key: string]: Json } = {};
  for (const key of keys) {
    const member = value[key];
    if (member === undefined) continue;
    // Objects list names that look like indexes first, whatever the order they came in.
    const first = key.charCodeAt(0);
    if (first >= 0x30 && first <= 0x39) check.needsComposing = true;
    if (!key.isWellFormed()) throw invalid('A text holds half a character.');
    if (key === '__proto__' || key === 'toJSON') {
      throw invalid(`A member cannot have the name ${key}.`);
    }
    ordered[key] = putInOrder(member, depth + 1, check);
  }
  return ordered;
}

function isSorted(keys: readonly string[]): boolean {
  for (let at = 1; at < keys.length; at += 1) {
    if ((keys[at - 1] as string) > (keys[at] as string)) return false;
  }
  return true;
}

function compose(value: Json | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(compose).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${compose(value[key])}`);
  return `{${members.join(',')}}`;
}

function isList(value: Composite): value is readonly Json[] {
  return Array.isArray(value);
}
