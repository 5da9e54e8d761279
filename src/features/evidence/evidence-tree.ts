import { evidenceHasher } from '../../formats/evidence-proof.ts';
import { type Hash, isConsistent } from '../../model/merkle.ts';
import {
  assembleProof,
  type ProofPlan,
  planConsistencyProof,
  planInclusionProof,
  planRoot,
  type SubtreeId,
} from '../../model/merkle-proof.ts';
import {
  borderTileWidth,
  hashTileRows,
  subtreeRootInTile,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileRows,
  tileOfSubtree,
} from '../../model/merkle-tiles.ts';
import type { Connection } from '../../platform/database/database.ts';
import { readTiles } from './evidence-store.ts';

type CachedTile = { readonly width: number; readonly rows: TileRows };

/** 16 KiB each with their inner nodes: 8 MiB in all. */
const CACHED_TILES_MAX = 512;

/**
 * Reads proofs from stored tiles. A tile's inner nodes are hashed once and kept: tiles only ever
 * grow, so what is kept can be too short but never wrong.
 */
export class TreeReader {
  readonly #cache = new Map<string, CachedTile>();

  async proveInclusion(
    connection: Connection,
    logId: number,
    at: { readonly index: number; readonly size: number },
  ): Promise<Hash[]> {
    const plan = planInclusionProof(BigInt(at.index), BigInt(at.size));
    return this.#assemble(connection, { logId, size: BigInt(at.size), plan });
  }

  /** The proof that the tree of `size` begins with the tree of `olderSize`, both at least 1. */
  async proveConsistency(
    connection: Connection,
    logId: number,
    at: { readonly olderSize: number; readonly size: number },
  ): Promise<Hash[]> {
    const plan = planConsistencyProof(BigInt(at.olderSize), BigInt(at.size));
    return this.#assemble(connection, { logId, size: BigInt(at.size), plan });
  }

  async rootAt(connection: Connection, logId: number, size: number): Promise<Hash> {
    if (size === 0) return evidenceHasher.empty;
    const plan = [planRoot(BigInt(size))];
    const [root] = await this.#assemble(connection, { logId, size: BigInt(size), plan });
    return root as Hash;
  }

  /** Whether the stored tree continues an older head: asked before each new head is signed. */
  async continues(
    connection: Connection,
    logId: number,
    heads: { older: { size: number; root: Hash }; newer: { size: number; root: Hash } },
  ): Promise<boolean> {
    const { older, newer } = heads;
    if (older.size === 0) return true;
    if (older.size > newer.size) return false;
    const sizes = { olderSize: older.size, size: newer.size };
    const proof = await this.proveConsistency(connection, logId, sizes);
    return isConsistent(evidenceHasher, {
      olderSize: BigInt(older.size),
      size: BigInt(newer.size),
      olderRoot: older.root,
      root: newer.root,
      proof,
    });
  }

  async #assemble(
    connection: Connection,
    { logId, size, plan }: { logId: number; size: bigint; plan: ProofPlan },
  ): Promise<Hash[]> {
    const needed = await this.#load(connection, { logId, size, plan });
    return assembleProof(evidenceHasher, plan, (id) => {
      const { level, index } = tileOfSubtree(id);
      const tile = needed.get(`${logId}/${level}/${index}`);
      const root = tile && subtreeRootInTile(tile.rows, id);
      if (root === undefined) throw new Error('A tile of the evidence log is missing.');
      return root;
    });
  }

  async #load(
    connection: Connection,
    { logId, size, plan }: { logId: number; size: bigint; plan: ProofPlan },
  ): Promise<Map<string, CachedTile>> {
    const tiles = new Map<string, CachedTile>();
    const missing = new Map<string, { level: number; index: bigint }>();
    for (const id of plan.flat()) {
      const { level, index } = tileOfSubtree(id);
      const key = `${logId}/${level}/${index}`;
      const cached = this.#cache.get(key);
      if (cached !== undefined && cached.width >= widthAt(size, id)) tiles.set(key, cached);
      else missing.set(key, { level, index });
    }
    if (missing.size === 0) return tiles;
    for (const tile of await readTiles(connection, logId, [...missing.values()])) {
      const rows = hashTileRows(evidenceHasher, tile);
      const width = rows[0]?.length ?? 0;
      const key = `${logId}/${tile.level}/${tile.index}`;
      tiles.set(key, { width, rows });
      this.#keep(key, { width, rows });
    }
    return tiles;
  }

  #keep(key: string, tile: CachedTile): void {
    this.#cache.delete(key);
    this.#cache.set(key, tile);
    const oldest = this.#cache.keys().next().value;
    if (this.#cache.size > CACHED_TILES_MAX && oldest !== undefined) this.#cache.delete(oldest);
  }
}

/** How wide the tile of a subtree is in a tree of this size. */
function widthAt(size: bigint, id: SubtreeId): number {
  const { level, index } = tileOfSubtree(id);
  const isBorder = index === size >> BigInt(TILE_HEIGHT * (level + 1));
  return isBorder ? borderTileWidth(size, level) : TILE_WIDTH;
}
