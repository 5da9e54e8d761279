/**
 * The Merkle tree of RFC 6962 section 2.1. Sizes and indexes are bigint, as they go to 2^64 - 1.
 * The hash function comes in as an argument, so nothing here reaches outside.
 */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

export type MerkleHasher = {
  /** The root of the empty tree: the hash of nothing. */
  readonly empty: Hash;
  /** SHA-256(0x00 ‖ data). */
  readonly leaf: (data: Uint8Array) => Hash;
  /** SHA-256(0x01 ‖ left ‖ right). */
  readonly node: (left: Hash, right: Hash) => Hash;
};

/** The prefixes keep a leaf from ever being taken for a node (RFC 6962 section 2.1). */
export function createMerkleHasher(sha256: (data: Uint8Array) => Hash): MerkleHasher {
  const pair = new Uint8Array(1 + 2 * HASH_BYTES);
  pair[0] = 1;
  return {
    empty: sha256(new Uint8Array(0)),
    leaf(data) {
      const prefixed = new Uint8Array(1 + data.length);
      prefixed.set(data, 1);
      return sha256(prefixed);
    },
    node(left, right) {
      pair.set(left, 1);
      pair.set(right, 1 + HASH_BYTES);
      return sha256(pair);
    },
  };
}

export function isSameHash(a: Hash, b: Hash): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The roots of the largest complete subtrees of a tree, left to right: all an append needs. */
export type CompactRange = { size: bigint; readonly hashes: Hash[] };

export function emptyRange(): CompactRange {
  return { size: 0n, hashes: [] };
}

/** Appends a leaf in place; amortised one node hash a leaf. */
export function appendLeaf(hasher: MerkleHasher, range: CompactRange, leaf: Hash): void {
  let right = leaf;
  for (let rest = range.size; (rest & 1n) === 1n; rest >>= 1n) {
    const left = range.hashes.pop();
    if (left === undefined) throw new Error('A compact range lost a node.');
    right = hasher.node(left, right);
  }
  range.hashes.push(right);
  range.size += 1n;
}

export function rangeRoot(hasher: MerkleHasher, range: CompactRange): Hash {
  return range.hashes.length === 0 ? hasher.empty : foldRight(hasher, range.hashes);
}

function foldRight(hasher: MerkleHasher, hashes: readonly Hash[]): Hash {
  return hashes.reduceRight((right, left) => hasher.node(left, right));
}

export type Inclusion = {
  readonly index: bigint;
  readonly size: bigint;
  readonly leaf: Hash;
  readonly root: Hash;
  readonly proof: readonly Hash[];
};

/** Whether `proof` shows that the leaf at `index` is in the tree of `size` with this root. */
export function isIncluded(hasher: MerkleHasher, claim: Inclusion): boolean {
  const { index, size, leaf, proof } = claim;
  if (index < 0n || index >= size || leaf.length !== HASH_BYTES) return false;
  const { inner, border } = decompose(index, size);
  if (proof.length !== inner + border) return false;
  if (proof.some((hash) => hash.length !== HASH_BYTES)) return false;
  const seed = chainInner(hasher, leaf, proof.slice(0, inner), index);
  return isSameHash(chainBorder(hasher, seed, proof.slice(inner)), claim.root);
}

export type Consistency = {
  readonly olderSize: bigint;
  readonly size: bigint;
  readonly olderRoot: Hash;
  readonly root: Hash;
  readonly proof: readonly Hash[];
};

/**
 * Whether `proof` shows that the older tree is the beginning of the newer one. An older size of
 * zero proves nothing about anything and is refused.
 */
export function isConsistent(hasher: MerkleHasher, claim: Consistency): boolean {
  const { olderSize, size, olderRoot, root, proof } = claim;
  if (olderSize <= 0n || size < olderSize) return false;
  if (proof.some((hash) => hash.length !== HASH_BYTES)) return false;
  if (olderSize === size) return proof.length === 0 && isSameHash(olderRoot, root);
  const shift = trailingZeros(olderSize);
  const whole = decompose(olderSize - 1n, size);
  const inner = whole.inner - shift;
  const isPowerOfTwo = olderSize === 1n << BigInt(shift);
  const seed = isPowerOfTwo ? olderRoot : proof[0];
  const start = isPowerOfTwo ? 0 : 1;
  if (seed === undefined || proof.length !== start + inner + whole.border) return false;
  const innerProof = proof.slice(start, start + inner);
  const borderProof = proof.slice(start + inner);
  const mask = (olderSize - 1n) >> BigInt(shift);
  const older = chainBorder(hasher, chainInnerLeft(hasher, seed, innerProof, mask), borderProof);
  if (!isSameHash(older, olderRoot)) return false;
  const newer = chainBorder(hasher, chainInner(hasher, seed, innerProof, mask), borderProof);
  return isSameHash(newer, root);
}

/** Where the path to a leaf leaves the right border of the tree. */
function decompose(index: bigint, size: bigint): { inner: number; border: number } {
  const inner = bitLength(index ^ (size - 1n));
  return { inner, border: countOnes(index >> BigInt(inner)) };
}

function chainInner(hasher: MerkleHasher, seed: Hash, proof: readonly Hash[], index: bigint): Hash {
  return proof.reduce(
    (hash, sibling, level) =>
      ((index >> BigInt(level)) & 1n) === 0n
        ? hasher.node(hash, sibling)
        : hasher.node(sibling, hash),
    seed,
  );
}

/** As chainInner, but of left siblings alone: what the older tree had already. */
function chainInnerLeft(
  hasher: MerkleHasher,
  seed: Hash,
  proof: readonly Hash[],
  index: bigint,
): Hash {
  return proof.reduce(
    (hash, sibling, level) =>
      ((index >> BigInt(level)) & 1n) === 0n ? hash : hasher.node(sibling, hash),
    seed,
  );
}

function chainBorder(hasher: MerkleHasher, seed: Hash, proof: readonly Hash[]): Hash {
  return proof.reduce((hash, sibling) => hasher.node(sibling, hash), seed);
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function countOnes(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).replaceAll('0', '').length;
}

function trailingZeros(value: bigint): number {
  const bits = value.toString(2);
  return bits.length - 1 - bits.lastIndexOf('1');
}
