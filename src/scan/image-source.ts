import type { Platform } from '../formats/oci.ts';
import type { ImageFacts } from '../model/catalogue.ts';

/**
 * Where images come from: what a connector implements so that the engine can catalogue what it
 * reaches. A source reads and says; it neither hashes layers, caches nor judges.
 */
export type ImageSource = {
  /** What a message calls it: `oci:./layout`. */
  readonly name: string;
  /** Every image it holds, each of one platform. Bounded by the source's own format. */
  readonly images: () => Promise<readonly SourceImage[]>;
  /** Frees what it holds open. Safe to call twice. */
  readonly close: () => Promise<void>;
};

/** One platform's image, as much as its index or tag says. */
export type SourceImage = {
  /** Names it goes by where it was found: `debian:12`. */
  readonly tags: readonly string[];
  /** Absent where only the config, not yet read, would tell. */
  readonly platform?: Platform;
  readonly manifestDigest?: string;
  /** Reads manifest and config, checked against their digests. */
  readonly load: () => Promise<LoadedImage>;
};

export type LoadedImage = {
  readonly facts: ImageFacts;
  /** The lowest first. */
  readonly layers: readonly SourceLayer[];
};

export type SourceLayer = {
  /** Digest of the bytes as stored, as the manifest states it. Absent in a docker archive. */
  readonly digest?: string;
  /** Digest of the uncompressed tar, as the config states it. */
  readonly diffId?: string;
  readonly mediaType?: string;
  /** Bytes as stored, as stated; checked when the layer is read. */
  readonly size?: number;
  readonly createdBy?: string;
  /** May be called again: a layer with certain hard links is read twice. */
  readonly open: () => Promise<OpenLayer>;
};

/** The bytes of a layer. `close` is called once, whatever happened. */
export type OpenLayer = { readonly close: () => Promise<void> } & (
  | {
      /** A range of a file of this machine: the fastest. */
      readonly kind: 'file';
      readonly path: string;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly kind: 'stream'; readonly chunks: () => AsyncIterable<Uint8Array> }
  /** A plain folder instead of a tar: nothing to hash, nothing to cache. */
  | { readonly kind: 'folder'; readonly path: string }
);
