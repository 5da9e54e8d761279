/** A row of an SQLite table; a column of another type than asked for is undefined. */
export type SqliteRecord = {
  readonly integer: (column: number) => number | undefined;
  readonly text: (column: number) => string | undefined;
  readonly blob: (column: number) => Uint8Array | undefined;
};

const COLUMNS_MAX = 64;
const TEXT_BYTES_MAX = 4096;
const VARINT_BYTES_MAX = 9;

export type Varint = { readonly value: number; readonly next: number };

/**
 * A big-endian number of seven bits a byte, all eight of the ninth. Undefined when it is cut off or
 * past what a number holds exactly: no length or page can be that large.
 */
export function readVarint(bytes: Uint8Array, offset: number): Varint | undefined {
  let value = 0;
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    const isLast = index === VARINT_BYTES_MAX - 1;
    value = isLast ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(value)) return undefined;
    if (isLast || byte < 0x80) return { value, next: offset + index + 1 };
  }
  return undefined;
}

type Column = { readonly type: number; readonly start: number; readonly end: number };

/**
 * The record format (https://www.sqlite.org/fileformat2.html §2.1): length of the head, a serial
 * type for each column, then the values.
 */
export function parseRecord(payload: Uint8Array): SqliteRecord | undefined {
  const columns = columnsOf(payload);
  if (columns === undefined) return undefined;
  return {
    integer: (column) => integerOf(payload, columns[column]),
    text: (column) => {
      const found = columns[column];
      if (found === undefined || found.type < 13 || found.type % 2 === 0) return undefined;
      const end = Math.min(found.end, found.start + TEXT_BYTES_MAX);
      return Buffer.from(payload.buffer, payload.byteOffset).toString('utf8', found.start, end);
    },
    blob: (column) => {
      const found = columns[column];
      if (found === undefined || found.type < 12 || found.type % 2 === 1) return undefined;
      return payload.subarray(found.start, found.end);
    },
  };
}

function columnsOf(payload: Uint8Array): readonly Column[] | undefined {
  const head = readVarint(payload, 0);
  if (head === undefined || head.value > payload.length) return undefined;
  const columns: Column[] = [];
  let at = head.next;
  let start = head.value;
  while (at < head.value && columns.length < COLUMNS_MAX) {
    const type = readVarint(payload, at);
    if (type === undefined) return undefined;
    const end = start + lengthOf(type.value);
    if (end > payload.length) return undefined;
    columns.push({ type: type.value, start, end });
    at = type.next;
    start = end;
  }
  return columns;
}

const FIXED_LENGTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];

function lengthOf(type: number): number {
  return FIXED_LENGTHS[type] ?? Math.floor((type - 12) / 2);
}

/** Serial types 1 to 6 are big-endian two's complement, 8 and 9 stand for 0 and 1. */
function integerOf(payload: Uint8Array, column: Column | undefined): number | undefined {
  if (column === undefined) return undefined;
  if (column.type === 8) return 0;
  if (column.type === 9) return 1;
  if (column.type < 1 || column.type > 6) return undefined;
  let value = ((payload[column.start] ?? 0) << 24) >> 24;
  for (let at = column.start + 1; at < column.end; at += 1) {
    value = value * 256 + (payload[at] ?? 0);
  }
  return value;
}
