import type { ProblemList } from './problem-list.ts';

/** A stanza's wanted fields, by name as asked for; its number counts from 1. */
export type Stanza<Field extends string> = {
  readonly number: number;
  readonly fields: Readonly<Partial<Record<Field, string>>>;
};

/** Longer than any real name, version or list of states; descriptions are not asked for. */
const VALUE_BYTES_MAX = 4096;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const HASH = 0x23;
const COLON = 0x3a;

type WantedField<Field extends string> = { readonly name: Field; readonly bytes: Uint8Array };

/**
 * Reads the stanzas of a file in deb-control(5) syntax: `Field: value` lines, continued by lines
 * that begin with a blank, stanzas apart by empty lines, field names in any case. Only the first
 * line of the wanted fields is kept, the first of a name counts. A line that is no field is a
 * problem and the rest of its stanza still counts. One pass, no copy of what nobody asked for.
 */
export function readStanzas<Field extends string>(
  bytes: Uint8Array,
  wanted: readonly Field[],
  problems: ProblemList,
  onStanza: (stanza: Stanza<Field>) => void,
): void {
  const byInitial = fieldsByInitial(wanted);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  let number = 0;
  let fields: Partial<Record<Field, string>> | undefined;
  let position = 0;
  while (position < end) {
    const start = position;
    const first = bytes[start] ?? 0;
    let colon = -1;
    while (position < end) {
      const byte = bytes[position];
      if (byte === NEWLINE) break;
      if (byte === COLON && colon === -1) colon = position;
      position += 1;
    }
    const lineEnd = position;
    position += 1;
    if (isBlank(bytes, start, lineEnd)) {
      if (fields !== undefined) onStanza({ number, fields });
      fields = undefined;
      continue;
    }
    if (first === SPACE || first === TAB || first === HASH) continue;
    if (fields === undefined) {
      fields = {};
      number += 1;
    }
    if (colon <= start) {
      problems.add(`Stanza ${number} has a line that is not a field.`);
      continue;
    }
    const field = findField(byInitial, bytes, start, colon);
    if (field === undefined || fields[field] !== undefined) continue;
    if (lineEnd - colon > VALUE_BYTES_MAX) {
      problems.add(`The ${field} field of stanza ${number} is too long to be one.`);
      continue;
    }
    fields[field] = buffer.toString('utf8', colon + 1, lineEnd).trim();
  }
  if (fields !== undefined) onStanza({ number, fields });
}

/** Wanted fields by the lower-case first letter of their names. */
function fieldsByInitial<Field extends string>(
  wanted: readonly Field[],
): readonly (readonly WantedField<Field>[] | undefined)[] {
  const table: WantedField<Field>[][] = [];
  for (const name of wanted) {
    const bytes = new TextEncoder().encode(name.toLowerCase());
    const initial = bytes[0] ?? 0;
    table[initial] = [...(table[initial] ?? []), { name, bytes }];
  }
  return table;
}

function findField<Field extends string>(
  byInitial: readonly (readonly WantedField<Field>[] | undefined)[],
  bytes: Uint8Array,
  start: number,
  colon: number,
): Field | undefined {
  const candidates = byInitial[(bytes[start] ?? 0) | 0x20];
  if (candidates === undefined) return undefined;
  for (const candidate of candidates) {
    const length = candidate.bytes.length;
    if (length !== colon - start) continue;
    let at = 1;
    // Setting bit 5 makes letters lower case and leaves the hyphen as it is.
    while (at < length && ((bytes[start + at] ?? 0) | 0x20) === candidate.bytes[at]) at += 1;
    if (at === length) return candidate.name;
  }
  return undefined;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte !== SPACE && byte !== TAB && byte !== RETURN) return false;
  }
  return true;
}
