import type { FileView } from '../../cataloguer.ts';
import type { ProblemList } from '../../problem-list.ts';
import { ByteBudget } from './byte-budget.ts';

/**
 * Berkeley DB hash files as rpm wrote them up to 4.16 (Berkeley DB: dbinc/db_page.h). Every page
 * begins with 26 bytes: log position (8), page number (4), previous (4) and next page (4), number
 * of items (2), length (2), level, type. In a hash page an array of item places follows, keys and
 * values taking turns, items growing down from the page's end. A value that does not fit lies in
 * a chain of overflow pages. Page 0 describes the file and tells its byte order by its magic.
 */
const HASH_MAGIC = 0x00061561;
const MAGIC_AT = 12;
const PAGE_SIZE_AT = 20;
const ENCRYPTION_AT = 24;

const PAGE_HEAD_BYTES = 26;
const NEXT_PAGE_AT = 16;
const ITEM_COUNT_AT = 20;
const LENGTH_AT = 22;
const TYPE_AT = 25;

const PAGE_HASH_UNSORTED = 2;
const PAGE_OVERFLOW = 7;
const PAGE_HASH = 13;

const ITEM_KEY_OR_DATA = 1;
const ITEM_OFF_PAGE = 3;

const PAGE_BYTES_MIN = 512;
const PAGE_BYTES_MAX = 65_536;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function isBerkeley(head: Uint8Array): boolean {
  return head.length >= 72 && byteOrderOf(head) !== undefined;
}

/** True for little-endian, the machine that wrote it decides; undefined for another file. */
function byteOrderOf(head: Uint8Array): boolean | undefined {
  const view = viewOf(head);
  if (view.getUint32(MAGIC_AT, true) === HASH_MAGIC) return true;
  return view.getUint32(MAGIC_AT, false) === HASH_MAGIC ? false : undefined;
}

export function readBerkeley(
  file: FileView,
  head: Uint8Array,
  problems: ProblemList,
  onHeader: (header: Uint8Array) => void,
): void {
  const isLittleEndian = byteOrderOf(head) ?? true;
  const pageBytes = viewOf(head).getUint32(PAGE_SIZE_AT, isLittleEndian);
  const isPowerOfTwo = (pageBytes & (pageBytes - 1)) === 0;
  if (pageBytes < PAGE_BYTES_MIN || pageBytes > PAGE_BYTES_MAX || !isPowerOfTwo) {
    problems.add(`The database states a page size of ${pageBytes} bytes, which cannot be.`);
    return;
  }
  if (head[ENCRYPTION_AT] !== 0) {
    problems.add('The database is encrypted.');
    return;
  }
  new BerkeleyReader({ file, isLittleEndian, pageBytes, problems, onHeader }).readAll();
}

type Options = {
  readonly file: FileView;
  readonly isLittleEndian: boolean;
  readonly pageBytes: number;
  readonly problems: ProblemList;
  readonly onHeader: (header: Uint8Array) => void;
};

class BerkeleyReader {
  readonly #options: Options;
  readonly #budget: ByteBudget;

  constructor(options: Options) {
    this.#options = options;
    this.#budget = new ByteBudget(options.file.size);
  }

  /** Every hash page of the file in turn: what order the buckets have does not matter here. */
  readAll(): void {
    const { file, pageBytes } = this.#options;
    const pages = Math.floor(file.size / pageBytes);
    if (pages * pageBytes !== file.size) {
      this.#options.problems.add('The database does not end with a whole page.');
    }
    for (let number = 1; number < pages; number += 1) {
      const type = file.read(number * pageBytes + TYPE_AT, 1)[0];
      if (type === PAGE_HASH || type === PAGE_HASH_UNSORTED) this.#readHashPage(number);
    }
  }

  #readHashPage(number: number): void {
    const { file, pageBytes, problems, isLittleEndian } = this.#options;
    const page = new Uint8Array(file.read(number * pageBytes, pageBytes));
    const view = viewOf(page);
    const items = view.getUint16(ITEM_COUNT_AT, isLittleEndian);
    if (PAGE_HEAD_BYTES + 2 * items > pageBytes) {
      problems.add(`Page ${number} claims more items than it can hold.`);
      return;
    }
    const place = (item: number): number =>
      item < 0 ? pageBytes : view.getUint16(PAGE_HEAD_BYTES + 2 * item, isLittleEndian);
    for (let item = 0; item + 1 < items; item += 2) {
      const key = page.subarray(place(item), place(item - 1));
      // Under number 0 rpm keeps the count of packages.
      if (key[0] === ITEM_KEY_OR_DATA && key.subarray(1).every((byte) => byte === 0)) continue;
      const header = this.#readValue(page.subarray(place(item + 1), place(item)));
      if (header !== undefined) this.#options.onHeader(header);
      else problems.add(`Item ${item + 1} of page ${number} is damaged.`);
    }
  }

  #readValue(item: Uint8Array): Uint8Array | undefined {
    if (item[0] === ITEM_KEY_OR_DATA) {
      return this.#budget.take(item.length - 1) ? new Uint8Array(item.subarray(1)) : undefined;
    }
    if (item[0] !== ITEM_OFF_PAGE || item.length < 12) return undefined;
    const view = viewOf(item);
    const firstPage = view.getUint32(4, this.#options.isLittleEndian);
    const length = view.getUint32(8, this.#options.isLittleEndian);
    return this.#readOverflow(firstPage, length);
  }

  #readOverflow(firstPage: number, length: number): Uint8Array | undefined {
    const { file, pageBytes, isLittleEndian } = this.#options;
    if (length === 0 || !this.#budget.take(length)) return undefined;
    const value = new Uint8Array(length);
    let filled = 0;
    let next = firstPage;
    while (filled < length) {
      const page = file.read(next * pageBytes, pageBytes);
      if (next === 0 || page.length < pageBytes || page[TYPE_AT] !== PAGE_OVERFLOW)
        return undefined;
      const view = viewOf(page);
      const here = Math.min(view.getUint16(LENGTH_AT, isLittleEndian), length - filled);
      // A page that adds nothing could close a loop.
      if (here === 0 || PAGE_HEAD_BYTES + here > pageBytes) return undefined;
      value.set(page.subarray(PAGE_HEAD_BYTES, PAGE_HEAD_BYTES + here), filled);
      filled += here;
      next = view.getUint32(NEXT_PAGE_AT, isLittleEndian);
    }
    return value;
  }
}
