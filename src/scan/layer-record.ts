import { Buffer } from 'node:buffer';
import type { OperatingSystem } from '../model/component.ts';
import type { FoundComponent, LicenceStatement } from './cataloguer.ts';
import { PathSet } from './path-set.ts';

/** What one cataloguer said of one file of a layer. */
export type FileRecord = {
  readonly path: string;
  readonly cataloguer: string;
  readonly components?: readonly FoundComponent[];
  readonly licences?: readonly LicenceStatement[];
  readonly os?: OperatingSystem;
  readonly ownerships?: readonly OwnedPaths[];
};

/** An Ownership whose paths became keys: `count` of them from `start` in LayerRecord.ownedKeys. */
export type OwnedPaths = {
  readonly by: string;
  readonly start: number;
  readonly count: number;
  /** Folders that are owned with all below them. */
  readonly folders?: readonly string[];
};

/** An executable file. Hard links of one file in this layer share the `file` number. */
export type ExecutableRecord = { readonly path: string; readonly file: number };

/**
 * All that is kept of a layer: enough to fold it with any others, so that it is never read again.
 * Compact, because the cache holds thousands and a warm scan does little else than load them.
 */
export type LayerRecord = {
  /** `sha256:…` of the bytes as stored, where those were hashed. */
  readonly digest?: string;
  /** `sha256:…` of the uncompressed tar, where that was hashed. */
  readonly diffId?: string;
  /** Bytes as stored. */
  readonly size: number;
  readonly files: readonly FileRecord[];
  readonly whiteouts: readonly string[];
  /** Folders whose lower content is hidden as a whole. */
  readonly opaqueFolders: readonly string[];
  readonly symlinks: readonly (readonly [path: string, target: string])[];
  readonly executables: readonly ExecutableRecord[];
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  readonly paths: PathSet;
  readonly ownedKeys: Float64Array;
};

type Head = Omit<LayerRecord, 'paths' | 'ownedKeys'> & {
  readonly slots: number;
  readonly owned: number;
};

/** Raise it when the encoding or the meaning of a field changes: cached layers are read again. */
export const LAYER_RECORD_VERSION = 1;
const NUMBER_BYTES = 8;

/** `u32 length of the JSON, JSON, padding to 8 bytes, path slots, owned keys`. */
export function encodeLayerRecord(record: LayerRecord): ArrayBuffer {
  const { paths, ownedKeys, ...rest } = record;
  const head: Head = { ...rest, slots: paths.slots.length, owned: ownedKeys.length };
  const json = Buffer.from(JSON.stringify(head));
  const numbersAt = align(4 + json.length);
  const total = numbersAt + (paths.slots.length + ownedKeys.length) * NUMBER_BYTES;
  const encoded = new ArrayBuffer(total);
  new DataView(encoded).setUint32(0, json.length, true);
  new Uint8Array(encoded).set(json, 4);
  const numbers = new Float64Array(encoded, numbersAt);
  numbers.set(paths.slots, 0);
  numbers.set(ownedKeys, paths.slots.length);
  return encoded;
}

/** Undefined for bytes that are no record. The cache has checked that they are as written. */
export function decodeLayerRecord(encoded: ArrayBuffer): LayerRecord | undefined {
  if (encoded.byteLength < 4) return undefined;
  const jsonLength = new DataView(encoded).getUint32(0, true);
  const numbersAt = align(4 + jsonLength);
  if (numbersAt > encoded.byteLength) return undefined;
  try {
    const json = Buffer.from(encoded, 4, jsonLength).toString();
    const { slots, owned, ...rest } = JSON.parse(json) as Head;
    const paths = new PathSet(new Float64Array(encoded, numbersAt, slots));
    const ownedKeys = new Float64Array(encoded, numbersAt + slots * NUMBER_BYTES, owned);
    return { ...rest, paths, ownedKeys };
  } catch {
    return undefined;
  }
}

function align(length: number): number {
  return Math.ceil(length / NUMBER_BYTES) * NUMBER_BYTES;
}
