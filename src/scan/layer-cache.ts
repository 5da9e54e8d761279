/**
 * Where layer records are kept between scans: a folder for the command line, the database for a
 * server. Keys are digests of bytes that were read and hashed here, never what an image says of
 * itself, so that no image can speak for another's layer.
 */
export type LayerCache = {
  /** The record kept for a layer, exactly as put, or undefined. Never throws for a broken store. */
  readonly get: (key: string) => Promise<ArrayBuffer | undefined>;
  readonly put: (key: string, record: ArrayBuffer) => Promise<void>;
};

/** A cache that keeps nothing. */
export const noLayerCache: LayerCache = {
  get: async () => undefined,
  put: async () => {},
};
