import type { FileView } from '../../cataloguer.ts';
import type { ProblemList } from '../../problem-list.ts';
import { ByteBudget } from './byte-budget.ts';
import { parseRecord, readVarint, type SqliteRecord } from './sqlite-record.ts';

/**
 * As much of the SQLite file format (https://www.sqlite.org/fileformat2.html) as it takes to read
 * all rows of one table: the schema on page 1, table b-trees with interior, leaf and overflow
 * pages. Section numbers below are of that document. A write-ahead log is another file and not
 * looked at.
 */
const MAGIC = 'SQLite format 3\0';
const FILE_HEAD_BYTES = 100;
const PAGE_INTERIOR = 0x05;
const PAGE_LEAF = 0x0d;

export function isSqlite(head: Uint8Array): boolean {
  if (head.length < FILE_HEAD_BYTES) return false;
  return MAGIC.split('').every((letter, at) => head[at] === letter.charCodeAt(0));
}

type Request = {
  readonly file: FileView;
  /** The file's first bytes, at least 100. */
  readonly head: Uint8Array;
  readonly table: string;
  readonly problems: ProblemList;
};

export function readSqliteTable(request: Request, onRow: (record: SqliteRecord) => void): void {
  const { file, head, table, problems } = request;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  // §1.3.2: "the value 1 represents a page size of 65536".
  const stated = view.getUint16(16);
  const pageBytes = stated === 1 ? 65_536 : stated;
  const usable = pageBytes - (head[20] ?? 0);
  if (pageBytes < 512 || (pageBytes & (pageBytes - 1)) !== 0 || usable < 480) {
    problems.add(`The database states a page size of ${pageBytes} bytes, which cannot be.`);
    return;
  }
  const reader = new BTreeReader({ file, pageBytes, usable, problems });
  let root: number | undefined;
  // §2.6: sqlite_schema is (type, name, tbl_name, rootpage, sql), its b-tree begins on page 1.
  reader.forEachRow(1, (record) => {
    if (record.text(0) === 'table' && record.text(1) === table) root ??= record.integer(3);
  });
  if (root === undefined) problems.add(`The database has no table ${table}.`);
  else reader.forEachRow(root, onRow);
}

type Options = {
  readonly file: FileView;
  readonly pageBytes: number;
  /** Page size less the bytes reserved at each page's end. */
  readonly usable: number;
  readonly problems: ProblemList;
};

type Page = { readonly bytes: Uint8Array; readonly view: DataView; readonly start: number };

class BTreeReader {
  readonly #options: Options;
  readonly #pageCount: number;
  /** Every page belongs to one place of one tree, so meeting one again means a loop. */
  readonly #isVisited: Uint8Array;
  readonly #budget: ByteBudget;

  constructor(options: Options) {
    this.#options = options;
    this.#pageCount = Math.floor(options.file.size / options.pageBytes);
    this.#isVisited = new Uint8Array(this.#pageCount + 1);
    this.#budget = new ByteBudget(options.file.size);
  }

  forEachRow(root: number, onRow: (record: SqliteRecord) => void): void {
    const { problems } = this.#options;
    const waiting = [root];
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
      const page = this.#visit(number);
      if (page === undefined) continue;
      const type = page.bytes[page.start];
      if (type === PAGE_INTERIOR) waiting.push(...this.#childrenOf(page).reverse());
      else if (type === PAGE_LEAF) this.#readLeaf(number, page, onRow);
      else problems.add(`Page ${number} is not a page of a table.`);
    }
  }

  #visit(number: number): Page | undefined {
    const { file, pageBytes, problems } = this.#options;
    if (number < 1 || number > this.#pageCount) {
      problems.add(`Page ${number} lies outside the file.`);
      return undefined;
    }
    if (this.#isVisited[number] === 1) {
      problems.add(`Page ${number} is linked to twice.`);
      return undefined;
    }
    this.#isVisited[number] = 1;
    const bytes = new Uint8Array(file.read((number - 1) * pageBytes, pageBytes));
    if (bytes.length < pageBytes) {
      problems.add(`Page ${number} could not be read whole.`);
      return undefined;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { bytes, view, start: number === 1 ? FILE_HEAD_BYTES : 0 };
  }

  /** Places of a page's cells, §1.6; those outside the page are left out. */
  #cellsOf(page: Page, headBytes: number): number[] {
    const { usable } = this.#options;
    const first = page.start + headBytes;
    const count = Math.min(page.view.getUint16(page.start + 3), Math.floor((usable - first) / 2));
    const cells: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const place = page.view.getUint16(first + 2 * index);
      if (place >= first && place + 4 <= usable) cells.push(place);
    }
    return cells;
  }

  #childrenOf(page: Page): number[] {
    const children = this.#cellsOf(page, 12).map((place) => page.view.getUint32(place));
    return [...children, page.view.getUint32(page.start + 8)];
  }

  #readLeaf(number: number, page: Page, onRow: (record: SqliteRecord) => void): void {
    for (const place of this.#cellsOf(page, 8)) {
      const payload = this.#readPayload(page, place);
      const record = payload === undefined ? undefined : parseRecord(payload);
      if (record !== undefined) onRow(record);
      else this.#options.problems.add(`A row on page ${number} is damaged.`);
    }
  }

  /** §1.6, "Table B-Tree Leaf Cell", and §1.5 for how much of it stays on the page. */
  #readPayload(page: Page, place: number): Uint8Array | undefined {
    const { usable } = this.#options;
    const length = readVarint(page.bytes, place);
    const rowNumber = length && readVarint(page.bytes, length.next);
    if (length === undefined || rowNumber === undefined) return undefined;
    const start = rowNumber.next;
    const local = localLength(length.value, usable);
    if (start + local > usable || !this.#budget.take(length.value)) return undefined;
    if (local === length.value) return new Uint8Array(page.bytes.subarray(start, start + local));
    if (start + local + 4 > usable) return undefined;
    const payload = new Uint8Array(length.value);
    payload.set(page.bytes.subarray(start, start + local));
    const first = page.view.getUint32(start + local);
    return this.#readOverflow(payload, local, first) ? payload : undefined;
  }

  /** §1.7: each overflow page begins with the number of the next one. */
  #readOverflow(payload: Uint8Array, from: number, firstPage: number): boolean {
    const { file, pageBytes, usable } = this.#options;
    let filled = from;
    let number = firstPage;
    while (filled < payload.length) {
      if (number < 1 || number > this.#pageCount || this.#isVisited[number] === 1) return false;
      this.#isVisited[number] = 1;
      const page = file.read((number - 1) * pageBytes, pageBytes);
      if (page.length < pageBytes) return false;
      const here = Math.min(usable - 4, payload.length - filled);
      payload.set(page.subarray(4, 4 + here), filled);
      filled += here;
      number = new DataView(page.buffer, page.byteOffset, 4).getUint32(0);
    }
    return true;
  }
}

/** §1.5: with U usable bytes and a payload of P, which bytes of it the cell itself holds. */
function localLength(payload: number, usable: number): number {
  const most = usable - 35;
  if (payload <= most) return payload;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((payload - least) % (usable - 4));
  return fitting <= most ? fitting : least;
}
