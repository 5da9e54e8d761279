/** Builds RPM package headers and databases byte by byte, from rpm's own description of them. */

export type HeaderFields = {
  readonly name?: string;
  readonly version?: string;
  readonly release?: string;
  readonly epoch?: number;
  readonly arch?: string;
  readonly sourceRpm?: string;
  readonly licence?: string;
  /** Absolute paths, kept as base names and folders. */
  readonly files?: readonly string[];
  /** Absolute paths, kept whole as rpm 3 did. */
  readonly oldFiles?: readonly string[];
};

const INT32 = 4;
const STRING = 6;
const STRING_ARRAY = 8;

type Tag = {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly data: Buffer;
};

const zeroEnded = (...values: string[]): Buffer =>
  Buffer.from(values.map((value) => `${value}\0`).join(''));

function bigEndian(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}

/** A header as databases hold it: counts, index, data. */
export function rpmHeader(fields: HeaderFields): Buffer {
  const tags: Tag[] = [];
  const text = (tag: number, value: string | undefined): void => {
    if (value !== undefined) tags.push({ tag, type: STRING, count: 1, data: zeroEnded(value) });
  };
  text(1000, fields.name);
  text(1001, fields.version);
  text(1002, fields.release);
  if (fields.epoch !== undefined) {
    tags.push({ tag: 1003, type: INT32, count: 1, data: bigEndian(fields.epoch) });
  }
  text(1014, fields.licence);
  text(1022, fields.arch);
  const oldFiles = fields.oldFiles ?? [];
  if (oldFiles.length > 0) tags.push(strings(1027, oldFiles));
  text(1044, fields.sourceRpm);
  tags.push(...fileTags(fields.files ?? []));
  return rpmHeaderOf(tags);
}

const strings = (tag: number, values: readonly string[]): Tag => ({
  tag,
  type: STRING_ARRAY,
  count: values.length,
  data: zeroEnded(...values),
});

function fileTags(files: readonly string[]): readonly Tag[] {
  if (files.length === 0) return [];
  const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);
  const folders = [...new Set(files.map(folderOf))];
  const indexes = files.map((file) => folders.indexOf(folderOf(file)));
  return [
    { tag: 1116, type: INT32, count: indexes.length, data: bigEndian(...indexes) },
    strings(
      1117,
      files.map((file) => file.slice(file.lastIndexOf('/') + 1)),
    ),
    strings(1118, folders),
  ];
}

function rpmHeaderOf(tags: readonly Tag[]): Buffer {
  const entries: Buffer[] = [];
  const data: Buffer[] = [];
  let length = 0;
  for (const { tag, type, count, data: bytes } of tags) {
    const padding = type === INT32 ? (4 - (length % 4)) % 4 : 0;
    entries.push(bigEndian(tag, type, length + padding, count));
    data.push(Buffer.alloc(padding), bytes);
    length += padding + bytes.length;
  }
  return Buffer.concat([bigEndian(tags.length, length), ...entries, ...data]);
}

const littleEndian = (...values: number[]): Buffer => bigEndian(...values).swap32();

/** An NDB file; a header that is undefined leaves its slot free. */
export function ndbDatabase(headers: readonly (Buffer | undefined)[]): Buffer {
  const slotPages = 1;
  const slots = Buffer.alloc(slotPages * 4096);
  littleEndian(0x506d7052, 0, 1, slotPages, headers.length + 1).copy(slots);
  for (let at = 32; at < slots.length; at += 16) littleEndian(0x746f6c53, 0, 0, 0).copy(slots, at);
  const blobs: Buffer[] = [];
  let block = slots.length / 16;
  headers.forEach((header, index) => {
    if (header === undefined) return;
    const number = index + 1;
    const blocks = Math.ceil((16 + header.length + 12) / 16);
    littleEndian(0x746f6c53, number, block, blocks).copy(slots, 32 + 16 * index);
    const blob = Buffer.alloc(blocks * 16);
    littleEndian(0x53626c42, number, 1, header.length).copy(blob);
    header.copy(blob, 16);
    littleEndian(0, header.length, 0x45626c42).copy(blob, blob.length - 12);
    blobs.push(blob);
    block += blocks;
  });
  return Buffer.concat([slots, ...blobs]);
}

type BerkeleyOptions = { readonly pageBytes?: number; readonly isBigEndian?: boolean };

/** A Berkeley DB hash file with one hash page, and overflow pages for what does not fit in it. */
export function berkeleyDatabase(
  headers: readonly Buffer[],
  { pageBytes = 4096, isBigEndian = false }: BerkeleyOptions = {},
): Buffer {
  const file = new BerkeleyBuilder(pageBytes, isBigEndian);
  const items: Buffer[] = [];
  // Record 0 counts the packages.
  items.push(file.inline(file.word(0)), file.inline(file.word(headers.length)));
  headers.forEach((header, index) => {
    items.push(file.inline(file.word(index + 1)));
    items.push(header.length < 200 ? file.inline(header) : file.overflow(header));
  });
  return file.finish(items);
}

class BerkeleyBuilder {
  readonly #pageBytes: number;
  readonly #isBigEndian: boolean;
  /** Pages 2 and after; 0 is the head, 1 the hash page. */
  readonly #overflowPages: Buffer[] = [];

  constructor(pageBytes: number, isBigEndian: boolean) {
    this.#pageBytes = pageBytes;
    this.#isBigEndian = isBigEndian;
  }

  word(value: number): Buffer {
    return this.#isBigEndian ? bigEndian(value) : littleEndian(value);
  }

  inline(value: Buffer): Buffer {
    return Buffer.concat([Buffer.of(1), value]);
  }

  overflow(value: Buffer): Buffer {
    const room = this.#pageBytes - 26;
    const first = 2 + this.#overflowPages.length;
    for (let at = 0; at < value.length; at += room) {
      const part = value.subarray(at, at + room);
      const number = 2 + this.#overflowPages.length;
      const next = at + room < value.length ? number + 1 : 0;
      const page = this.#page({ number, next, items: 1, length: part.length, type: 7 });
      part.copy(page, 26);
      this.#overflowPages.push(page);
    }
    return Buffer.concat([Buffer.of(3, 0, 0, 0), this.word(first), this.word(value.length)]);
  }

  finish(items: readonly Buffer[]): Buffer {
    const head = Buffer.alloc(this.#pageBytes);
    this.word(0x00061561).copy(head, 12);
    this.word(9).copy(head, 16);
    this.word(this.#pageBytes).copy(head, 20);
    head[25] = 8;
    const page = this.#page({ number: 1, next: 0, items: items.length, length: 0, type: 13 });
    let place = this.#pageBytes;
    items.forEach((item, index) => {
      place -= item.length;
      item.copy(page, place);
      this.#short(place).copy(page, 26 + 2 * index);
    });
    return Buffer.concat([head, page, ...this.#overflowPages]);
  }

  #short(value: number): Buffer {
    return this.word(value).subarray(this.#isBigEndian ? 2 : 0, this.#isBigEndian ? 4 : 2);
  }

  #page(head: { number: number; next: number; items: number; length: number; type: number }) {
    const page = Buffer.alloc(this.#pageBytes);
    this.word(head.number).copy(page, 8);
    this.word(head.next).copy(page, 16);
    this.#short(head.items).copy(page, 20);
    this.#short(head.length).copy(page, 22);
    page[25] = head.type;
    return page;
  }
}
