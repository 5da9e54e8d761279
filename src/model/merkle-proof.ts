import type { Hash, MerkleHasher } from './merkle.ts';

/** A complete subtree: 2^level leaves, the index-th of its kind from the left. */
export type SubtreeId = { readonly level: number; readonly index: bigint };

/**
 * What a proof is made of: each of its hashes is the root of a run of leaves, given as the complete
 * subtrees it falls into, left to right. All but one of them are a single subtree.
 */
export type ProofPlan = readonly (readonly SubtreeId[])[];

/** PATH(index, D[0:size]) of RFC 6962 section 2.1.1, as subtrees to look up. */
export function planInclusionProof(index: bigint, size: bigint): ProofPlan {
  if (index < 0n || index >= size) throw new RangeError('The index is outside the tree.');
  const plan: SubtreeId[][] = [];
  let start = 0n;
  let end = size;
  while (end - start > 1n) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      plan.push(subtreesOf(middle, end));
      end = middle;
    } else {
      plan.push(subtreesOf(start, middle));
      start = middle;
    }
  }
  return plan.reverse();
}

/** PROOF(olderSize, D[0:size]) of RFC 6962 section 2.1.2, as subtrees to look up. */
export function planConsistencyProof(olderSize: bigint, size: bigint): ProofPlan {
  if (olderSize <= 0n || olderSize > size) throw new RangeError('No such older tree.');
  const plan: SubtreeId[][] = [];
  let start = 0n;
  let end = size;
  while (end !== olderSize) {
    const middle = start + splitPoint(end - start);
    if (olderSize <= middle) {
      plan.push(subtreesOf(middle, end));
      end = middle;
    } else {
      plan.push(subtreesOf(start, middle));
      start = middle;
    }
  }
  // The verifier knows the older root itself; only a part of it has to be told.
  if (start !== 0n) plan.push(subtreesOf(start, end));
  return plan.reverse();
}

/** The whole tree, as the subtrees its root is folded from. */
export function planRoot(size: bigint): readonly SubtreeId[] {
  return subtreesOf(0n, size);
}

/** Turns a plan into the proof's hashes, given the roots of complete subtrees. */
export function assembleProof(
  hasher: MerkleHasher,
  plan: ProofPlan,
  subtreeRoot: (id: SubtreeId) => Hash,
): Hash[] {
  return plan.map((run) =>
    run.map(subtreeRoot).reduceRight((right, left) => hasher.node(left, right)),
  );
}

/** The largest power of two smaller than `size`, for size > 1. */
function splitPoint(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}

/** The run must begin where a subtree of its size may begin, as every run of a proof does. */
function subtreesOf(start: bigint, end: bigint): SubtreeId[] {
  const subtrees: SubtreeId[] = [];
  let at = start;
  while (at < end) {
    const level = (end - at).toString(2).length - 1;
    subtrees.push({ level, index: at >> BigInt(level) });
    at += 1n << BigInt(level);
  }
  return subtrees;
}
