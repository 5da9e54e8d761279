import { Buffer } from 'node:buffer';
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  opendirSync,
  openSync,
  readlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { ENTRIES_MAX } from '../formats/tar-reader.ts';
import { invalid } from '../model/errors.ts';
import { type Cataloguer, HEAD_BYTES } from './cataloguer.ts';
import { makeViewBuffers, rangeView, readFully } from './file-view.ts';
import { LayerCollector } from './layer-collector.ts';
import type { LayerRecord } from './layer-record.ts';

/** Folders nested deeper than a path can name. */
const DEPTH_MAX = 1024;
/** Views of the kernel, which are no content and do not end, when the folder is `/` itself. */
const KERNEL_FOLDERS: ReadonlySet<string> = new Set(['proc', 'sys', 'dev', 'run']);

/**
 * Catalogues a plain folder as one layer. Symbolic links are recorded and never followed, devices,
 * pipes and sockets never opened, what may not be read is a problem and the rest still counts.
 */
export function readFolder(root: string, cataloguers: readonly Cataloguer[]): LayerRecord {
  return new FolderWalk(root, cataloguers).run();
}

class FolderWalk {
  readonly #root: string;
  readonly #collector: LayerCollector;
  readonly #buffers = makeViewBuffers();
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #entries = 0;
  #bytes = 0;

  constructor(root: string, cataloguers: readonly Cataloguer[]) {
    this.#root = root;
    this.#collector = new LayerCollector(cataloguers);
  }

  run(): LayerRecord {
    const waiting: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { path, depth } = next;
      if (depth > DEPTH_MAX) this.#collector.problem(path, 'This folder is nested too deep.');
      else for (const child of this.#folder(path)) waiting.push({ path: child, depth: depth + 1 });
    }
    return this.#collector.finish({ size: this.#bytes });
  }

  /** Records what is in a folder; answers with the folders in it. */
  #folder(path: string): string[] {
    const folders: string[] = [];
    try {
      using folder = opendirSync(join(this.#root, path));
      for (let item = folder.readSync(); item !== null; item = folder.readSync()) {
        if (++this.#entries > ENTRIES_MAX) throw invalid('The folder has too many entries.');
        const child = path === '' ? item.name : `${path}/${item.name}`;
        if (this.#entry(child, item)) folders.push(child);
      }
    } catch (error) {
      this.#unreadable(path === '' ? '.' : path, error);
    }
    return folders;
  }

  /** True for a folder to walk into. */
  #entry(path: string, item: Dirent): boolean {
    if (item.isDirectory()) {
      if (this.#root === '/' && KERNEL_FOLDERS.has(path)) return false;
      return this.#collector.begin(path, true);
    }
    if (!item.isFile() && !item.isSymbolicLink()) return false;
    if (!this.#collector.begin(path, false)) return false;
    try {
      const full = join(this.#root, path);
      if (item.isSymbolicLink()) this.#collector.symlink(path, readlinkSync(full));
      else this.#file(path, full);
    } catch (error) {
      this.#unreadable(path, error);
    }
    return false;
  }

  #file(path: string, full: string): void {
    // The file may have become a pipe or a link since the folder was listed.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const fd = openSync(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return;
      this.#bytes += stat.size;
      if (stat.size < 2) return;
      const facts = { path, size: stat.size, mode: stat.mode & 0o7777 };
      const byPath = this.#collector.wantedByPath(facts);
      const got = readFully(fd, this.#head, 0);
      const takers = this.#collector.inspect(facts, this.#head.subarray(0, got), byPath);
      if (takers.length === 0) return;
      this.#collector.parse(rangeView(facts, { fd, offset: 0 }, this.#buffers), takers);
    } finally {
      closeSync(fd);
    }
  }

  #unreadable(path: string, error: unknown): void {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (path === '.' && this.#entries === 0) {
      throw invalid(`The folder ${this.#root} cannot be read (${code}).`, { cause: error });
    }
    this.#collector.problem(path, `It could not be read (${code}).`);
  }
}
