/** PATH_MAX of Linux: a longer path cannot have been installed. */
const PATH_BYTES_MAX = 4096;
/**
 * Package databases write a folder once for all of its files, so that a hostile one could ask for
 * a text thousands of times its size. A real one needs less than its own size, because it keeps a
 * checksum and more of each file.
 */
const GROWTH_MAX = 2;
const GROWTH_FLOOR_BYTES = 64 * 1024;

const SLASH = 0x2f;
const NEWLINE = 0x0a;

/**
 * Builds the newline-separated paths of an Ownership from folders and names that lie in `source`,
 * copying bytes only: one string is made for each package, and none for each file.
 */
export class PathText {
  readonly #source: Uint8Array;
  #out = Buffer.alloc(4096);
  #length = 0;
  #folderStart = 0;
  #folderEnd = 0;
  /** Bytes that all packages of this source may still take. */
  #allowance: number;
  /** Whether a path of this package was left out. */
  isCut = false;

  constructor(source: Uint8Array) {
    this.#source = source;
    this.#allowance = Math.max(GROWTH_FLOOR_BYTES, source.length * GROWTH_MAX);
  }

  /** The folder of the files that follow; slashes at its ends are not counted. */
  openFolder(start: number, end: number): void {
    const from = start < end && this.#source[start] === SLASH ? start + 1 : start;
    this.#folderStart = from;
    this.#folderEnd = from < end && this.#source[end - 1] === SLASH ? end - 1 : end;
  }

  addFile(start: number, end: number): void {
    const folderLength = this.#folderEnd - this.#folderStart;
    const length = folderLength + 1 + (end - start) + 1;
    // In an Ownership a slash at the end would stand for all below it; a file's name has none.
    if (start >= end || this.#source[end - 1] === SLASH) return;
    if (length > PATH_BYTES_MAX || length > this.#allowance) {
      this.isCut = true;
      return;
    }
    if (this.#length + length > this.#out.length) this.#grow(this.#length + length);
    this.#allowance -= length;
    if (folderLength > 0) {
      this.#copy(this.#folderStart, this.#folderEnd);
      this.#out[this.#length++] = SLASH;
    }
    this.#copy(start, end);
    this.#out[this.#length++] = NEWLINE;
  }

  text(): string {
    return this.#out.toString('utf8', 0, Math.max(0, this.#length - 1));
  }

  clear(): void {
    this.#length = 0;
    this.#folderStart = 0;
    this.#folderEnd = 0;
    this.isCut = false;
  }

  /** Paths are short: copying in place beats a native call. */
  #copy(start: number, end: number): void {
    const source = this.#source;
    const out = this.#out;
    let to = this.#length;
    for (let at = start; at < end; at += 1) out[to++] = source[at] ?? 0;
    this.#length = to;
  }

  #grow(needed: number): void {
    const larger = Buffer.alloc(Math.max(needed, this.#out.length * 2));
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }
}
