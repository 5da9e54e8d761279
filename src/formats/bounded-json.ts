import { invalid, tooLarge } from '../model/errors.ts';
import { findJsonError } from './json-error.ts';

/**
 * What a foreign JSON document (RFC 8259) may cost. `JSON.parse` recurses and allocates without
 * limit, so depth and number of values are counted in one pass over the bytes before it runs.
 */
export type JsonLimits = {
  readonly bytesMax: number;
  /** Arrays and objects open at one time; RFC 8259 §9 lets a parser set this. */
  readonly depthMax: number;
  /** Members and elements in all. `[{},{},{}…]` costs 120 bytes of memory for each of them. */
  readonly valuesMax: number;
};

export const JSON_LIMITS: JsonLimits = {
  bytesMax: 64 * 1024 * 1024,
  depthMax: 100,
  valuesMax: 2_000_000,
};

/**
 * The value of a JSON document, in time linear in its bytes. A byte order mark is skipped, bytes
 * that are not UTF-8 become U+FFFD, and the last of duplicate members wins, as in `JSON.parse`.
 *
 * Throws a Failure that says what is wrong, and at which line and column.
 */
export function parseBoundedJson(bytes: Uint8Array, limits: Partial<JsonLimits> = {}): unknown {
  const allowed = { ...JSON_LIMITS, ...limits };
  if (bytes.length > allowed.bytesMax) {
    const { length } = bytes;
    throw tooLarge(`The JSON has ${length} bytes; at most ${allowed.bytesMax} are read.`);
  }
  assertWithinLimits(bytes, allowed);
  // TextDecoder drops a leading byte order mark, which npm, NuGet and Composer tolerate too.
  const text = new TextDecoder('utf-8').decode(bytes);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    // V8's own message quotes the document, which is hostile, and often names no place.
    const error = findJsonError(text);
    const where = error === undefined ? '' : ` at ${placeInText(text, error.offset)}`;
    const expected = error === undefined ? '' : `: expected ${error.expected}`;
    throw invalid(`The JSON is not valid${where}${expected}.`, { code: 'invalid-json', cause });
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

function assertWithinLimits(bytes: Uint8Array, limits: JsonLimits): void {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < bytes.length; index++) {
    switch (bytes[index]) {
      case QUOTE:
        index = endOfString(bytes, index);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth++;
        values++;
        if (depth > limits.depthMax) {
          throw tooDeep(bytes, index, limits.depthMax);
        }
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case COMMA:
        values++;
        break;
    }
    if (values > limits.valuesMax) {
      throw tooLarge(`The JSON has more than ${limits.valuesMax} values.`, { code: 'json-size' });
    }
  }
}

/** Index of the closing quote, or the end of the bytes when there is none. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== QUOTE) {
    index += bytes[index] === BACKSLASH ? 2 : 1;
  }
  return index;
}

function tooDeep(bytes: Uint8Array, index: number, depthMax: number): Error {
  const before = new TextDecoder('utf-8').decode(bytes.subarray(0, index));
  const place = placeInText(before, before.length);
  const message = `The JSON is nested more than ${depthMax} levels deep at ${place}.`;
  return tooLarge(message, { code: 'json-depth' });
}

/** `line 3, column 14`, both counted from 1, columns in UTF-16 units. */
function placeInText(text: string, offset: number): string {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return `line ${line}, column ${offset - lineStart + 1}`;
}

/**
 * A member of a JSON object; undefined when the value is no object or has no such member of its
 * own, so that `constructor` or `toString` are never found by accident.
 */
export function jsonMember(value: unknown, name: string): unknown {
  if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
  return value[name];
}

/** A member that is a string. */
export function jsonText(value: unknown, name: string): string | undefined {
  const member = jsonMember(value, name);
  return typeof member === 'string' ? member : undefined;
}

/** The members of a JSON object; none for any other value. */
export function jsonMembers(value: unknown): [string, unknown][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** The elements of a JSON array; none for any other value. */
export function jsonElements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
