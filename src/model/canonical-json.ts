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

/**
 * The one spelling of a JSON value (RFC 8785): no white space, members sorted by UTF-16 code units,
 * numbers as ECMAScript writes them. Members that are undefined are left out.
 */
export function canonicalJson(value: Json): string {
  return write(value, 0);
}

function write(value: Json | undefined, depth: number): string {
  if (depth > DEPTH_MAX) throw invalid(`The value is nested more than ${DEPTH_MAX} levels deep.`);
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw invalid('A text holds half a character.');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw invalid('A number is not finite.');
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : writeComposite(value, depth);
    default:
      throw invalid('The value holds something that JSON cannot.');
  }
}

type Composite = readonly Json[] | { readonly [key: string]: Json | undefined };

function writeComposite(value: Composite, depth: number): string {
  if (isList(value)) return `[${value.map((each) => write(each, depth + 1)).join(',')}]`;
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${write(key, depth)}:${write(member, depth + 1)}`;
  }
  return `{${text}}`;
}

function isList(value: Composite): value is readonly Json[] {
  return Array.isArray(value);
}
