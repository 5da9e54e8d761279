import type { Component, OperatingSystem } from '../model/component.ts';

/**
 * A cataloguer: a path filter and a parser for one package format. It has no effects; the engine
 * opens files, applies limits, follows layers and joins what the files say. Everything it is handed
 * is hostile: it must bound its loops, never recurse without a depth limit, and report what it
 * cannot read as a problem while keeping what it can.
 */
export type Cataloguer = {
  /** Folder name under scan/cataloguers, kebab-case. */
  readonly name: string;
  /** Raise it when the output for the same bytes changes: cached layers are then read again. */
  readonly version: number;
  /**
   * Is this file worth reading, by its path? Called for every regular file of every layer, so it
   * must be cheap: string ends, no regular expression. `path` has no leading slash.
   */
  readonly wants?: (path: string, size: number) => boolean;
  /**
   * Is this file worth reading, by its first bytes (up to HEAD_BYTES)? Called for every regular
   * file not already wanted by path. Use it for formats that have no telling name (ELF binaries).
   */
  readonly recognises?: (head: Uint8Array, path: string, size: number) => boolean;
  /** Files over this are not read; the catalogue then says so. */
  readonly bytesMax: number;
  readonly parse: (file: FileView) => FileFindings;
};

/** The first bytes of a file that `recognises` is shown. */
export const HEAD_BYTES = 64;

/** A file as a parser sees it: random access, synchronous, bounded. */
export type FileView = {
  readonly path: string;
  readonly size: number;
  /** Permission bits as tar has them. */
  readonly mode: number;
  /** `length` bytes from `offset`; shorter at the end of the file. Valid until the next call. */
  readonly read: (offset: number, length: number) => Uint8Array;
  /** The whole file. The engine has already refused files over the cataloguer's `bytesMax`. */
  readonly bytes: () => Uint8Array;
};

export type FileFindings = {
  readonly components?: readonly FoundComponent[];
  readonly ownerships?: readonly Ownership[];
  readonly licences?: readonly LicenceStatement[];
  readonly os?: OperatingSystem;
  /** Sentences, without the path: `Stanza 12 has no Version field.` */
  readonly problems?: readonly string[];
};

export type FoundComponent = {
  /**
   * deb, apk and rpm leave namespace and the distro qualifier out: the fold adds them from the
   * image's os-release, which is another file in perhaps another layer.
   */
  readonly component: Component;
  /** Named by a lock file only, not installed. */
  readonly declared?: true;
  /** Path inside this file for something nested: `WEB-INF/lib/x.jar` or `a.jar!/b.jar`. */
  readonly inside?: string;
  /**
   * Joins Ownership.by and LicenceStatement.of, which may come from other files: `deb:libc6:amd64`.
   * One component may be found under several keys (once each), and several share one: what is
   * stated of a key holds for all of them.
   */
  readonly key?: string;
};

/**
 * Which files a component put there: how the fold knows that a file an executable scan found is
 * explained, and that python3-foo of the distribution owns the dist-info of foo.
 */
export type Ownership = {
  /** A FoundComponent's key, of this file or another. */
  readonly by: string;
  /** Newline-separated paths without leading slash; one ending in `/` covers all below it. */
  readonly paths: string;
};

export type LicenceStatement = { readonly of: string; readonly licences: readonly string[] };
