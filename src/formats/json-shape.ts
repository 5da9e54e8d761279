import { invalid } from '../model/errors.ts';
import { isJsonObject } from './bounded-json.ts';

/**
 * Where a reader stands in a JSON document: the file's name and the keys walked so far. One trail
 * is pushed and popped along a whole document, so that a place costs nothing until it has to be
 * named.
 */
export type Trail = { readonly file: string; readonly keys: (string | number)[] };

/**
 * What a JSON value has to be. A shape hands the value back unchanged, with its type, or throws a
 * Failure that names the file, the place (RFC 6901 JSON pointer) and the reason. It stops at the
 * first thing wrong, so a document of a million faults costs no more than one.
 */
export type Shape<T> = (value: unknown, trail: Trail) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type ShapedFields<R extends Fields, O extends Fields> = {
  readonly [K in keyof R]: Shaped<R[K]>;
} & { readonly [K in keyof O]?: Shaped<O[K]> };

export function checkShape<T>(value: unknown, shape: Shape<T>, file: string): T {
  return shape(value, { file, keys: [] });
}

/** Refuses the value at the trail's place. `sentence` continues "FILE at /place: …". */
export function refuse(trail: Trail, sentence: string): never {
  const pointer = pointerOf(trail);
  throw invalid(`${trail.file} at ${pointer}: ${sentence}.`, {
    code: 'wrong-shape',
    context: { pointer },
  });
}

/** The trail's place as an RFC 6901 JSON pointer; `/` for the document itself. */
export function pointerOf(trail: Trail): string {
  const keys = trail.keys.map(
    (key) => `/${shorten(String(key).replaceAll('~', '~0').replaceAll('/', '~1'))}`,
  );
  return keys.length === 0 ? '/' : keys.join('');
}

export const anything: Shape<unknown> = (value) => value;

type TextOptions = {
  readonly pattern?: RegExp;
  /** What the pattern means, to continue "is not …": `a sha256 digest`. */
  readonly meaning?: string;
  readonly lengthMin?: number;
  readonly lengthMax?: number;
};

export function text(options: TextOptions = {}): Shape<string> {
  const { pattern, meaning = 'of the right form', lengthMin = 0, lengthMax } = options;
  return (value, trail) => {
    if (typeof value !== 'string') return refuse(trail, `expected a text, found ${kindOf(value)}`);
    if (value.length < lengthMin) return refuse(trail, 'the text is empty');
    if (lengthMax !== undefined && value.length > lengthMax) {
      return refuse(
        trail,
        `the text has ${value.length} characters; at most ${lengthMax} are read`,
      );
    }
    if (pattern !== undefined && !pattern.test(value)) {
      return refuse(trail, `${quote(value)} is not ${meaning}`);
    }
    return value;
  };
}

export function oneOf<const T extends string>(
  words: readonly T[] | ReadonlySet<T>,
  meaning: string,
): Shape<T> {
  const known: ReadonlySet<string> = new Set<string>(words);
  return (value, trail) => {
    if (typeof value !== 'string') return refuse(trail, `expected a text, found ${kindOf(value)}`);
    if (!known.has(value)) return refuse(trail, `${quote(value)} is not ${meaning}`);
    return value as T;
  };
}

export const bool: Shape<boolean> = (value, trail) =>
  typeof value === 'boolean'
    ? value
    : refuse(trail, `expected true or false, found ${kindOf(value)}`);

export const number: Shape<number> = (value, trail) =>
  typeof value === 'number' ? value : refuse(trail, `expected a number, found ${kindOf(value)}`);

/** A whole number from `min`, exactly representable. */
export function whole(min = 0): Shape<number> {
  return (value, trail) => {
    if (!Number.isSafeInteger(value) || (value as number) < min) {
      return refuse(trail, `expected a whole number from ${min}, found ${kindOf(value)}`);
    }
    return value as number;
  };
}

type ListOptions = { readonly countMin?: number; readonly countMax?: number };

export function list<T>(element: Shape<T>, options: ListOptions = {}): Shape<readonly T[]> {
  const { countMin = 0, countMax } = options;
  return (value, trail) => {
    if (!Array.isArray(value)) return refuse(trail, `expected a list, found ${kindOf(value)}`);
    if (value.length < countMin) return refuse(trail, 'the list is too short');
    if (countMax !== undefined && value.length > countMax) {
      return refuse(trail, `the list has ${value.length} entries; at most ${countMax} are read`);
    }
    for (let index = 0; index < value.length; index += 1) {
      trail.keys.push(index);
      element(value[index], trail);
      trail.keys.pop();
    }
    return value as readonly T[];
  };
}

/** An object that may also have members nobody named here: they are let be. */
export function object<R extends Fields, O extends Fields>(
  required: R,
  optional: O,
): Shape<ShapedFields<R, O>> {
  return objectShape(required, optional, false);
}

/** An object that may have no other members than the ones named here. */
export function closedObject<R extends Fields, O extends Fields>(
  required: R,
  optional: O,
): Shape<ShapedFields<R, O>> {
  return objectShape(required, optional, true);
}

function objectShape<R extends Fields, O extends Fields>(
  required: R,
  optional: O,
  closed: boolean,
): Shape<ShapedFields<R, O>> {
  const fields = new Map<string, Shape<unknown>>([
    ...Object.entries(required),
    ...Object.entries(optional),
  ]);
  const needed = Object.keys(required);
  return (value, trail) => {
    if (!isJsonObject(value)) return refuse(trail, `expected an object, found ${kindOf(value)}`);
    for (const key of needed) {
      if (!Object.hasOwn(value, key)) return refuse(trail, `"${key}" is missing`);
    }
    for (const key of Object.keys(value)) {
      const shape = fields.get(key);
      if (shape === undefined) {
        if (closed) return refuse(trail, `${quote(key)} is not known here`);
        continue;
      }
      trail.keys.push(key);
      shape(value[key], trail);
      trail.keys.pop();
    }
    return value as ShapedFields<R, O>;
  };
}

/** Any keys, every value of one shape. */
export function dictionary<T>(element: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, trail) => {
    if (!isJsonObject(value)) return refuse(trail, `expected an object, found ${kindOf(value)}`);
    for (const key of Object.keys(value)) {
      trail.keys.push(key);
      element(value[key], trail);
      trail.keys.pop();
    }
    return value as Readonly<Record<string, T>>;
  };
}

/** Go writes an absent list or map as null. */
export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, trail) => (value === null ? null : shape(value, trail));
}

/** The shape made on first use: for a shape that holds itself. */
export function lazy<T>(make: () => Shape<T>): Shape<T> {
  let made: Shape<T> | undefined;
  return (value, trail) => {
    made ??= make();
    return made(value, trail);
  };
}

/** The value must have the shape and pass a further look, which refuses by itself. */
export function also<T>(shape: Shape<T>, look: (value: T, trail: Trail) => void): Shape<T> {
  return (value, trail) => {
    const shaped = shape(value, trail);
    look(shaped, trail);
    return shaped;
  };
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string') return `the text ${quote(value)}`;
  return typeof value === 'boolean' ? String(value) : 'an object';
}

export function quote(value: string): string {
  return JSON.stringify(shorten(value).toWellFormed());
}

function shorten(value: string): string {
  return value.length > 100 ? `${value.slice(0, 100)}…` : value;
}
