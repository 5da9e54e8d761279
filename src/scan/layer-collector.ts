import { looksExecutable } from '../formats/executable.ts';
import { entryPath, linkTarget } from '../formats/tar-path.ts';
import { Failure } from '../model/errors.ts';
import type { Cataloguer, FileFindings, FileView, Ownership } from './cataloguer.ts';
import type { FileRecord, LayerRecord, OwnedPaths } from './layer-record.ts';
import { continueHash, keyOfHash, type PathHash, PathSet, pathKey, rootHash } from './path-set.ts';

export type FileFacts = { readonly path: string; readonly size: number; readonly mode: number };

/** A layer names at most this many problems; the rest are counted. */
const PROBLEMS_MAX = 200;
const OWNED_KEYS_MAX = 5_000_000;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
const EXECUTE_BITS = 0o111;
const NONE: readonly Cataloguer[] = [];

/**
 * Gathers what a layer holds, entry by entry, whoever reads the entries: a tar reader or a walk
 * through a folder. Whiteouts are those of OCI image-spec layer.md.
 */
export class LayerCollector {
  readonly #byPath: readonly Cataloguer[];
  readonly #byHead: readonly Cataloguer[];
  readonly #paths = new PathSet();
  readonly #files = new Map<string, FileRecord[]>();
  readonly #symlinks = new Map<string, string>();
  readonly #executables = new Map<string, number>();
  readonly #whiteouts = new Set<string>();
  readonly #opaqueFolders = new Set<string>();
  readonly #problems: { path: string; message: string }[] = [];
  #problemsUntold = 0;
  #ownedKeys = new Float64Array(1024);
  #ownedCount = 0;
  #fileNumber = 0;
  #folder = '';
  #folderHash: PathHash = rootHash();
  /** Hard links to files that were not read under their own name: target → links. */
  readonly #unread = new Map<string, string[]>();

  constructor(cataloguers: readonly Cataloguer[]) {
    this.#byPath = cataloguers.filter(({ wants }) => wants !== undefined);
    this.#byHead = cataloguers.filter(({ recognises }) => recognises !== undefined);
  }

  /** Every entry begins here. False when it is a whiteout, or the root, and is done with. */
  begin(path: string, isFolder: boolean): boolean {
    if (path === '') return false;
    const slash = path.lastIndexOf('/');
    if (path.startsWith(WHITEOUT, slash + 1)) {
      this.#whiteout(path, slash);
      return false;
    }
    if (!this.#enterFolder(path, slash)) this.#impliedFolders(path, slash);
    const hash = { ...this.#folderHash };
    continueHash(hash, path, slash + 1, path.length);
    this.#paths.set(keyOfHash(hash), isFolder ? 'folder' : 'other');
    // Only what an earlier entry of the same name recorded can be in the way.
    if (!isFolder) this.#forget(path);
    return true;
  }

  #whiteout(path: string, slash: number): void {
    const folder = slash === -1 ? '' : path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (name === OPAQUE) this.#opaqueFolders.add(folder);
    // Other names that begin with .wh..wh. are bookkeeping of aufs.
    else if (!name.startsWith(`${WHITEOUT}${WHITEOUT}`) && name.length > WHITEOUT.length) {
      const hidden = name.slice(WHITEOUT.length);
      this.#whiteouts.add(folder === '' ? hidden : `${folder}/${hidden}`);
    }
  }

  /** True when the entry lies in the same folder as the one before, as almost all do. */
  #enterFolder(path: string, slash: number): boolean {
    if (slash === this.#folder.length && path.startsWith(this.#folder)) return true;
    if (slash === -1 && this.#folder === '') return true;
    this.#folder = slash === -1 ? '' : path.slice(0, slash);
    this.#folderHash = rootHash();
    continueHash(this.#folderHash, path, 0, slash + 1);
    return slash === -1;
  }

  /** An archive may leave folders out; they come to be all the same. */
  #impliedFolders(path: string, slash: number): void {
    for (let end = slash; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const key = pathKey(path.slice(0, end));
      if (this.#paths.get(key) !== undefined) return;
      this.#paths.set(key, 'folder');
    }
  }

  #forget(path: string): void {
    this.#files.delete(path);
    this.#executables.delete(path);
    this.#symlinks.delete(path);
  }

  symlink(path: string, target: string): void {
    if (target !== '') this.#symlinks.set(path, linkTarget(path, target));
  }

  hardLink(path: string, target: string, mode: number): void {
    const to = entryPath(target);
    if (to === undefined || to === '') {
      this.problem(path, 'This hard link leaves the image.');
      return;
    }
    const file = this.#executables.get(to);
    if (file !== undefined) this.#executables.set(path, file);
    const records = this.#files.get(to);
    if (records !== undefined)
      this.#files.set(
        path,
        records.map((record) => ({ ...record, path })),
      );
    const wanted = this.wantedByPath({ path, size: 0, mode });
    const isRead = wanted.every(({ name }) => records?.some((at) => at.cataloguer === name));
    if (isRead || this.#paths.get(pathKey(to)) !== 'other') return;
    const links = this.#unread.get(to) ?? [];
    links.push(path);
    this.#unread.set(to, links);
  }

  /** Hard links whose targets have to be read once more, under the links' names. */
  unreadLinks(): ReadonlyMap<string, readonly string[]> {
    return this.#unread;
  }

  /** Cataloguers that want a file for its path. */
  wantedByPath({ path, size }: FileFacts): readonly Cataloguer[] {
    let wanted: Cataloguer[] | undefined;
    for (const cataloguer of this.#byPath) {
      if (cataloguer.wants?.(path, size) !== true) continue;
      wanted ??= [];
      wanted.push(cataloguer);
    }
    return wanted ?? NONE;
  }

  /**
   * Looks at a file's first HEAD_BYTES, notes whether it is an executable, and answers with the
   * cataloguers that are to parse it; those it is too large for are told as problems.
   */
  inspect(file: FileFacts, head: Uint8Array, byPath: readonly Cataloguer[]): readonly Cataloguer[] {
    if (isExecutable(head, file.mode)) this.#executables.set(file.path, this.#fileNumber++);
    let takers = byPath;
    for (const cataloguer of this.#byHead) {
      if (byPath.includes(cataloguer)) continue;
      if (cataloguer.recognises?.(head, file.path, file.size) !== true) continue;
      takers = [...takers, cataloguer];
    }
    if (takers.length === 0) return NONE;
    return takers.filter(({ bytesMax, name }) => {
      if (file.size <= bytesMax) return true;
      this.problem(
        file.path,
        `${name} reads files up to ${bytesMax} bytes; this has ${file.size}.`,
      );
      return false;
    });
  }

  parse(view: FileView, takers: readonly Cataloguer[]): void {
    for (const cataloguer of takers) {
      try {
        this.#record(view.path, cataloguer.name, cataloguer.parse(view));
      } catch (error) {
        const why = error instanceof Failure ? error.message : 'The file could not be read.';
        this.problem(view.path, `${cataloguer.name}: ${why}`);
      }
    }
  }

  #record(path: string, cataloguer: string, findings: FileFindings): void {
    for (const problem of findings.problems ?? []) this.problem(path, problem);
    const { components, licences, os, ownerships } = findings;
    if (components === undefined && licences === undefined && os === undefined) {
      if (ownerships === undefined) return;
    }
    const record: FileRecord = {
      path,
      cataloguer,
      ...(components !== undefined && components.length > 0 && { components }),
      ...(licences !== undefined && licences.length > 0 && { licences }),
      ...(os !== undefined && { os }),
      ...(ownerships !== undefined && { ownerships: ownerships.map((of) => this.#owned(of)) }),
    };
    const records = this.#files.get(path);
    if (records === undefined) this.#files.set(path, [record]);
    else records.push(record);
  }

  #owned({ by, paths }: Ownership): OwnedPaths {
    const start = this.#ownedCount;
    const folders: string[] = [];
    for (let at = 0; at < paths.length; ) {
      const newline = paths.indexOf('\n', at);
      const end = newline === -1 ? paths.length : newline;
      if (end > at && paths.endsWith('/', end)) folders.push(paths.slice(at, end - 1));
      else if (end > at) this.#pushOwned(paths, at, end);
      at = end + 1;
    }
    const count = this.#ownedCount - start;
    return { by, start, count, ...(folders.length > 0 && { folders }) };
  }

  #pushOwned(paths: string, start: number, end: number): void {
    if (this.#ownedCount >= OWNED_KEYS_MAX) return;
    if (this.#ownedCount === this.#ownedKeys.length) {
      const larger = new Float64Array(this.#ownedCount * 2);
      larger.set(this.#ownedKeys);
      this.#ownedKeys = larger;
    }
    const hash = rootHash();
    continueHash(hash, paths, start, end);
    this.#ownedKeys[this.#ownedCount++] = keyOfHash(hash);
  }

  problem(path: string, message: string): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push({ path, message });
    else this.#problemsUntold++;
  }

  finish(stored: { digest?: string; diffId?: string; size: number }): LayerRecord {
    if (this.#problemsUntold > 0) {
      const message = `${this.#problemsUntold} more problems in this layer.`;
      this.#problems.push({ path: '', message });
    }
    return {
      ...stored,
      files: [...this.#files.values()].flat(),
      whiteouts: [...this.#whiteouts],
      opaqueFolders: [...this.#opaqueFolders],
      symlinks: [...this.#symlinks].filter(([, target]) => this.#mayBeFolder(target)),
      executables: [...this.#executables].map(([path, file]) => ({ path, file })),
      problems: this.#problems,
      paths: this.#paths,
      ownedKeys: this.#ownedKeys.slice(0, this.#ownedCount),
    };
  }

  /** Only links to folders matter to the fold; most lead to a file of the same layer. */
  #mayBeFolder(target: string): boolean {
    return this.#symlinks.has(target) || this.#paths.get(pathKey(target)) !== 'other';
  }
}

/** ELF, PE and Mach-O by their magic; a script by `#!` and an execute bit (execve(2)). */
function isExecutable(head: Uint8Array, mode: number): boolean {
  if (head[0] === 0x23 && head[1] === 0x21) return (mode & EXECUTE_BITS) !== 0;
  return looksExecutable(head);
}
