import type { ImageFacts } from '../model/catalogue.ts';

/**
 * Where an image is read from: an archive, a folder, an engine, a registry. A source hands out
 * bytes and what the image says of itself; the engine hashes, bounds and catalogues.
 */
export type ImageSource = {
  /** For people: `OCI layout ./app`, `Docker Engine on wharf-03`. */
  readonly describe: string;
  /** The images (one a platform) the target names. */
  readonly images: () => Promise<readonly SourceImage[]>;
  readonly close: () => Promise<void>;
};

export type SourceImage = {
  readonly facts: ImageFacts;
  /** Lowest first. */
  readonly layers: readonly SourceLayer[];
};

export type SourceLayer = {
  /** Digest of the bytes as stored, as the manifest states it. */
  readonly digest?: string;
  /** Digest of the uncompressed tar, as the config states it. */
  readonly diffId?: string;
  readonly mediaType?: string;
  /** Bytes as stored; 0 when not known beforehand. */
  readonly size: number;
  readonly createdBy?: string;
  readonly open: () => Promise<LayerBytes>;
};

/** A stretch of a local file (read by workers, seekable when plain), or a stream read once. */
export type LayerBytes =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly kind: 'stream'; readonly stream: AsyncIterable<Uint8Array> };
