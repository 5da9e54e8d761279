import { invalid } from '../model/errors.ts';
import { borderTileWidth, TILE_WIDTH } from '../model/merkle-tiles.ts';

/** Addresses and bodies of a tiled log (c2sp.org/tlog-tiles). */
export type TileAddress = {
  readonly level: number | 'entries';
  readonly index: bigint;
  /** 256 for a full tile. */
  readonly width: number;
};

/** An entry's length is written in two bytes. */
export const ENTRY_BYTES_MAX = 65_535;
const LEVEL_MAX = 63;

/** `tile/0/x001/x234/067.p/12` */
export function formatTilePath({ level, index, width }: TileAddress): string {
  const digits = index.toString();
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Undefined for anything but the one spelling of an address. */
export function parseTilePath(path: string): TileAddress | undefined {
  const [, levelText, indexText, widthText] =
    /^tile\/([0-9]{1,2}|entries)\/((?:x[0-9]{3}\/){0,6}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(
      path,
    ) ?? [];
  if (levelText === undefined || indexText === undefined) return undefined;
  const level = levelText === 'entries' ? ('entries' as const) : Number(levelText);
  const index = BigInt(indexText.replaceAll(/[x/]/g, ''));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  const address = { level, index, width };
  if (typeof level === 'number' && level > LEVEL_MAX) return undefined;
  return formatTilePath(address) === path && width >= 1 && width <= TILE_WIDTH
    ? address
    : undefined;
}

/** How many entry bundles a tree of this size has, and how wide each is. */
export function bundleWidth(size: bigint, index: bigint): number {
  const full = size >> 8n;
  if (index < full) return TILE_WIDTH;
  return index === full ? borderTileWidth(size, 0) : 0;
}

export function encodeEntryBundle(entries: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) throw invalid('An entry is longer than 65,535 bytes.');
    parts.push(Buffer.of(entry.length >> 8, entry.length & 0xff), entry);
  }
  return Buffer.concat(parts);
}

/** The entries of a bundle, which must be used up to its last byte. */
export function decodeEntryBundle(bundle: Uint8Array): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length) {
    const [high, low] = bundle.subarray(at, at + 2);
    if (high === undefined || low === undefined) return undefined;
    const end = at + 2 + ((high << 8) | low);
    if (end > bundle.length) return undefined;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
