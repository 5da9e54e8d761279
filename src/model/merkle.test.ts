import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../../test/harness/parts.ts';
import { testData } from '../../test/harness/vectors.ts';
import {
  appendLeaf,
  createMerkleHasher,
  emptyRange,
  type Hash,
  isConsistent,
  isIncluded,
  rangeRoot,
} from './merkle.ts';
import {
  assembleProof,
  planConsistencyProof,
  planInclusionProof,
  type SubtreeId,
} from './merkle-proof.ts';
import { hashTileRows, subtreeRootInTile, TileAppender, tileOfSubtree } from './merkle-tiles.ts';

const sha256 = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer');
const hasher = createMerkleHasher(sha256);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// The oracle: RFC 6962 section 2.1 word for word, over lists, apart from the code it checks.
const split = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));
const oracleRoot = (d: readonly Buffer[]): Buffer => {
  if (d.length === 0) return Buffer.from(sha256(Buffer.alloc(0)));
  if (d.length === 1) return Buffer.from(sha256(Buffer.concat([Buffer.of(0), d[0] as Buffer])));
  const k = split(d.length);
  const both = [Buffer.of(1), oracleRoot(d.slice(0, k)), oracleRoot(d.slice(k))];
  return Buffer.from(sha256(Buffer.concat(both)));
};
const oraclePath = (m: number, d: readonly Buffer[]): Buffer[] => {
  if (d.length === 1) return [];
  const k = split(d.length);
  return m < k
    ? [...oraclePath(m, d.slice(0, k)), oracleRoot(d.slice(k))]
    : [...oraclePath(m - k, d.slice(k)), oracleRoot(d.slice(0, k))];
};
const oracleSubproof = (m: number, d: readonly Buffer[], whole: boolean): Buffer[] => {
  if (m === d.length) return whole ? [] : [oracleRoot(d)];
  const k = split(d.length);
  return m <= k
    ? [...oracleSubproof(m, d.slice(0, k), whole), oracleRoot(d.slice(k))]
    : [...oracleSubproof(m - k, d.slice(k), false), oracleRoot(d.slice(0, k))];
};

const entries = Array.from({ length: 700 }, (_, at) => Buffer.from(`entry ${at}`));

describe('the hashes of RFC 6962', () => {
  it('has the known answers', () => {
    expect(hex(hasher.empty)).toMatch(/^e3b0c442.*b855$/);
    expect(hex(hasher.leaf(Buffer.alloc(0)))).toMatch(/^6e340b9c.*a01d$/);
    expect(hex(hasher.leaf(Buffer.from('L123456')))).toMatch(/^395aa064.*4d56$/);
  });

  it('gives the known root of the eight standard leaves', () => {
    const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'];
    const range = emptyRange();
    for (const leaf of [...leaves, '606162636465666768696a6b6c6d6e6f']) {
      appendLeaf(hasher, range, hasher.leaf(Buffer.from(leaf, 'hex')));
    }
    const root = Buffer.from(rangeRoot(hasher, range)).toString('base64');
    expect(root).toBe('XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=');
  });
});

const vectors = testData('vectors', 'merkle', 'inclusion');
describeWith(['test-data'], 'inclusion vectors of transparency-dev/merkle', () => {
  const files = vectors === '' ? [] : globSync(`${vectors}/**/*.json`);

  it('saw the vectors', () => expect(files.length).toBeGreaterThan(90));

  it.each(files.map((file) => relative(vectors, file)))('%s', (file) => {
    const text = readFileSync(`${vectors}/${file}`, 'utf8');
    // JSON.parse would round 2^64 - 1, so the numbers are read from the text.
    const integer = (name: string): bigint =>
      BigInt(new RegExp(`"${name}":\\s*(\\d+)`).exec(text)?.[1] ?? 'none');
    const { root, leafHash, proof, wantErr } = JSON.parse(text);
    const claim = {
      index: integer('leafIdx'),
      size: integer('treeSize'),
      leaf: Buffer.from(leafHash, 'base64'),
      root: Buffer.from(root, 'base64'),
      proof: (proof ?? []).map((each: string) => Buffer.from(each, 'base64')),
    };
    expect(isIncluded(hasher, claim)).toBe(!wantErr);
  });
});

describe('proofs against the recursion of the RFC', () => {
  it('accepts every consistency proof of trees of 1 to 70, and no changed one', () => {
    for (let size = 1; size <= 70; size += 1) {
      const root = oracleRoot(entries.slice(0, size));
      for (let older = 1; older <= size; older += 1) {
        const claim = {
          olderSize: BigInt(older),
          size: BigInt(size),
          olderRoot: oracleRoot(entries.slice(0, older)),
          root,
          proof: oracleSubproof(older, entries.slice(0, size), true) as Hash[],
        };
        expect(isConsistent(hasher, claim)).toBe(true);
        expect(isConsistent(hasher, { ...claim, proof: [...claim.proof, root] })).toBe(false);
        expect(isConsistent(hasher, { ...claim, olderRoot: sha256(root) })).toBe(false);
        expect(isConsistent(hasher, { ...claim, root: sha256(root) })).toBe(false);
        claim.proof.forEach((_, at) => {
          const proof = claim.proof.with(at, sha256(root));
          expect(isConsistent(hasher, { ...claim, proof })).toBe(false);
        });
      }
    }
  });

  it('refuses an older tree that is empty or larger', () => {
    const root = hasher.leaf(Buffer.of(1));
    const claim = { olderRoot: root, root, proof: [] };
    expect(isConsistent(hasher, { ...claim, olderSize: 0n, size: 1n })).toBe(false);
    expect(isConsistent(hasher, { ...claim, olderSize: 2n, size: 1n })).toBe(false);
  });

  it('makes the proofs the recursion makes, for every index and older size up to 70', () => {
    for (let size = 1; size <= 70; size += 1) {
      const leaves = entries.slice(0, size);
      const rootOf = (id: SubtreeId): Hash => {
        const start = Number(id.index) * 2 ** id.level;
        return oracleRoot(leaves.slice(start, start + 2 ** id.level));
      };
      for (let index = 0; index < size; index += 1) {
        const proof = assembleProof(
          hasher,
          planInclusionProof(BigInt(index), BigInt(size)),
          rootOf,
        );
        expect(proof.map(hex)).toEqual(oraclePath(index, leaves).map(hex));
        const older = index + 1;
        const plan = planConsistencyProof(BigInt(older), BigInt(size));
        const expected = oracleSubproof(older, leaves, true);
        expect(assembleProof(hasher, plan, rootOf).map(hex)).toEqual(expected.map(hex));
      }
    }
  });
});

describe('a tree kept as tiles', () => {
  const tilesOf = (size: number, cuts: readonly number[]) => {
    const kept = new Map<string, { level: number; index: bigint; hashes: Uint8Array }>();
    let appender = new TileAppender(hasher);
    for (let at = 0; at < size; at += 1) {
      appender.append(hasher.leaf(entries[at] as Buffer));
      if (!cuts.includes(at) && at !== size - 1) continue;
      for (const tile of appender.takeChanged()) kept.set(`${tile.level}/${tile.index}`, tile);
      appender = new TileAppender(hasher, appender.size, [...kept.values()]);
    }
    return { kept, root: appender.root() };
  };

  it('has the same root wherever the appending stopped and went on', () => {
    const anyCuts = fc.array(fc.nat(699), { maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), anyCuts, (size, cuts) => {
        const root = hex(oracleRoot(entries.slice(0, size)));
        expect(hex(tilesOf(size, cuts).root)).toBe(root);
      }),
      { numRuns: 40 },
    );
  });

  it('proves any leaf from tiles alone', () => {
    const { kept, root } = tilesOf(700, [255, 300, 511]);
    const rootOf = (id: SubtreeId): Hash => {
      const { level, index } = tileOfSubtree(id);
      const tile = kept.get(`${level}/${index}`);
      const found = tile && subtreeRootInTile(hashTileRows(hasher, tile), id);
      if (found === undefined) throw new Error(`no subtree ${id.level}/${id.index}`);
      return found;
    };
    for (const index of [0n, 1n, 255n, 256n, 511n, 512n, 699n]) {
      const proof = assembleProof(hasher, planInclusionProof(index, 700n), rootOf);
      const leaf = hasher.leaf(entries[Number(index)] as Buffer);
      expect(isIncluded(hasher, { index, size: 700n, leaf, root, proof })).toBe(true);
    }
  });
});
