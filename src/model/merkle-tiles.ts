import {
  appendLeaf,
  type CompactRange,
  emptyRange,
  HASH_BYTES,
  type Hash,
  type MerkleHasher,
  rangeRoot,
} from './merkle.ts';
import type { SubtreeId } from './merkle-proof.ts';

/** Hashes in a full tile (c2sp.org/tlog-tiles). */
export const TILE_WIDTH = 256;
/** A tile stands for a subtree of this height. */
export const TILE_HEIGHT = 8;
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** Consecutive subtree roots at one level; fewer than 256 at the right border of the tree. */
export type Tile = { readonly level: number; readonly index: bigint; readonly hashes: Uint8Array };

/** How many hashes the rightmost tile of a level holds in a tree of this size; 0 for none. */
export function borderTileWidth(size: bigint, level: number): number {
  return Number((size >> BigInt(TILE_HEIGHT * level)) & 0xffn);
}

/** The partial tiles at the right border, which an append goes on from. */
export function listBorderTiles(size: bigint): { level: number; index: bigint; width: number }[] {
  const border = [];
  for (let level = 0; size >> BigInt(TILE_HEIGHT * level) > 0n; level += 1) {
    const width = borderTileWidth(size, level);
    const index = size >> BigInt(TILE_HEIGHT * (level + 1));
    if (width > 0) border.push({ level, index, width });
  }
  return border;
}

type Level = { index: bigint; width: number; bytes: Uint8Array; range: CompactRange };

/** Grows a tree kept as tiles: holds only the right border, hands out the tiles that changed. */
export class TileAppender {
  readonly #hasher: MerkleHasher;
  readonly #levels: Level[] = [];
  #size = 0n;
  #full: Tile[] = [];
  #changedLevels = new Set<number>();

  /** `border` holds the tiles listBorderTiles names for this size, longer ones are cut. */
  constructor(hasher: MerkleHasher, size = 0n, border: readonly Tile[] = []) {
    this.#hasher = hasher;
    for (const { level, index, width } of listBorderTiles(size)) {
      const tile = border.find((each) => each.level === level && each.index === index);
      if (tile === undefined || tile.hashes.length < width * HASH_BYTES) {
        throw new Error('A tile at the right border of the log is missing.');
      }
      this.#restore(level, index, tile.hashes.subarray(0, width * HASH_BYTES));
    }
    for (let level = 0; size >> BigInt(TILE_HEIGHT * level) > 0n; level += 1) {
      this.#level(level).index = size >> BigInt(TILE_HEIGHT * (level + 1));
    }
    this.#size = size;
  }

  get size(): bigint {
    return this.#size;
  }

  append(leaf: Hash): void {
    this.#push(0, leaf);
    this.#size += 1n;
  }

  root(): Hash {
    const hashes: Hash[] = [];
    for (const level of this.#levels) hashes.unshift(...level.range.hashes);
    return rangeRoot(this.#hasher, { size: this.#size, hashes });
  }

  /** The partial tiles at the right border, lowest level first. */
  border(): Tile[] {
    return listBorderTiles(this.#size).map(({ level, index, width }) => ({
      level,
      index,
      hashes: this.#level(level).bytes.slice(0, width * HASH_BYTES),
    }));
  }

  /** The tiles filled since the last call of this or takeChanged, in the order they filled. */
  takeFull(): Tile[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** Tiles that are new or longer since the last call, full ones first. */
  takeChanged(): Tile[] {
    const changed = this.#full;
    for (const level of this.#changedLevels) {
      const { index, width, bytes } = this.#level(level);
      if (width > 0) changed.push({ level, index, hashes: bytes.slice(0, width * HASH_BYTES) });
    }
    this.#full = [];
    this.#changedLevels = new Set();
    return changed;
  }

  #level(level: number): Level {
    while (this.#levels.length <= level) {
      const bytes = new Uint8Array(TILE_BYTES);
      this.#levels.push({ index: 0n, width: 0, bytes, range: emptyRange() });
    }
    return this.#levels[level] as Level;
  }

  #restore(level: number, index: bigint, hashes: Uint8Array): void {
    const into = this.#level(level);
    into.index = index;
    into.bytes.set(hashes);
    into.width = hashes.length / HASH_BYTES;
    for (const hash of splitHashes(hashes)) appendLeaf(this.#hasher, into.range, hash);
  }

  #push(level: number, hash: Hash): void {
    const into = this.#level(level);
    into.bytes.set(hash, into.width * HASH_BYTES);
    into.width += 1;
    appendLeaf(this.#hasher, into.range, hash);
    this.#changedLevels.add(level);
    if (into.width < TILE_WIDTH) return;
    this.#full.push({ level, index: into.index, hashes: into.bytes });
    const root = rangeRoot(this.#hasher, into.range);
    into.index += 1n;
    into.width = 0;
    into.bytes = new Uint8Array(TILE_BYTES);
    into.range = emptyRange();
    this.#push(level + 1, root);
  }
}

export function splitHashes(hashes: Uint8Array): Hash[] {
  const list: Hash[] = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) {
    list.push(hashes.subarray(at, at + HASH_BYTES));
  }
  return list;
}

/** The tile that holds, or whose hashes make, the root of a complete subtree. */
export function tileOfSubtree(id: SubtreeId): { level: number; index: bigint } {
  const level = Math.floor(id.level / TILE_HEIGHT);
  const heightInside = id.level - level * TILE_HEIGHT;
  return { level, index: (id.index << BigInt(heightInside)) >> BigInt(TILE_HEIGHT) };
}

/**
 * Every complete subtree inside a tile, hashed once: row 0 the tile's own hashes, row h the roots
 * of subtrees of height h. Kept by the caller, it makes a proof a matter of look-ups.
 */
export type TileRows = readonly (readonly Hash[])[];

export function hashTileRows(hasher: MerkleHasher, tile: Tile): TileRows {
  const rows: Hash[][] = [splitHashes(tile.hashes)];
  for (let height = 1; height < TILE_HEIGHT; height += 1) {
    const below = rows[height - 1] as Hash[];
    const row: Hash[] = [];
    for (let at = 0; at + 1 < below.length; at += 2) {
      row.push(hasher.node(below[at] as Hash, below[at + 1] as Hash));
    }
    rows.push(row);
  }
  return rows;
}

/** The root of a complete subtree, from the rows of the tile that tileOfSubtree names. */
export function subtreeRootInTile(rows: TileRows, id: SubtreeId): Hash | undefined {
  const height = id.level % TILE_HEIGHT;
  return rows[height]?.[Number(id.index % BigInt(TILE_WIDTH >> height))];
}
