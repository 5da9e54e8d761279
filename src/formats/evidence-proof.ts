import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '../model/canonical-json.ts';
import { invalid } from '../model/errors.ts';
import {
  createMerkleHasher,
  type Hash,
  isConsistent,
  isIncluded,
  isSameHash,
} from '../model/merkle.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { type Checkpoint, openCheckpoint, parseDecimal } from './checkpoint.ts';
import type { VerifierKey } from './signed-note.ts';
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts';

/** The hashes of RFC 6962 with SHA-256, as every C2SP log has them. */
export const evidenceHasher = createMerkleHasher((data) => hash('sha256', data, 'buffer'));

/** That an older tree is the beginning of the proof's tree. */
export type OlderTree = { readonly size: bigint; readonly hashes: readonly Hash[] };

export type EvidenceProof = {
  readonly entry: Uint8Array;
  readonly index: bigint;
  readonly hashes: readonly Hash[];
  readonly checkpoint: string;
  readonly older?: OlderTree;
};

/**
 * A `.tlog-proof` whose extra line is canonical JSON: `entry`, the entry's bytes as text, and, if
 * asked for, `older` with a consistency proof from an older size. No signature covers the extra
 * line, and none is needed: the inclusion proof ties the entry down, the older root the rest.
 */
export function formatEvidenceProof(proof: EvidenceProof): string {
  const extra: Json = {
    entry: Buffer.from(proof.entry).toString(),
    older: proof.older && {
      hashes: proof.older.hashes.map(encodeBase64),
      size: proof.older.size.toString(),
    },
  };
  const { index, hashes, checkpoint } = proof;
  return formatTlogProof({ extra: Buffer.from(canonicalJson(extra)), index, hashes, checkpoint });
}

export type CheckedProof = {
  readonly checkpoint: Checkpoint;
  readonly index: bigint;
  readonly entry: Uint8Array;
};

/**
 * Checks everything a proof file claims, offline; throws a Failure naming the first thing wrong.
 */
export function checkEvidenceProof(
  text: string,
  verifierKey: VerifierKey,
  older?: Checkpoint,
): CheckedProof {
  const proof = parseTlogProof(text);
  const checkpoint = openCheckpoint(proof.checkpoint, verifierKey);
  const extra = parseExtra(proof.extra);
  const { index, hashes } = proof;
  const leaf = evidenceHasher.leaf(extra.entry);
  const { size, root } = checkpoint;
  if (index >= size) throw invalid(`The proof is of entry ${index} in a log of ${size} entries.`);
  if (!isIncluded(evidenceHasher, { index, size, leaf, root, proof: hashes })) {
    throw invalid(`The entry is not at place ${index} of the signed log: it or the proof changed.`);
  }
  if (older !== undefined) checkOlder(checkpoint, older, extra.older);
  else if (extra.older !== undefined) {
    // Without the older root nothing ties these hashes down, so their bytes would go unchecked.
    throw invalid(
      `The proof goes back to a checkpoint of ${extra.older.size} entries; give it as --checkpoint.`,
    );
  }
  return { checkpoint, index, entry: extra.entry };
}

function checkOlder(newer: Checkpoint, older: Checkpoint, tree: OlderTree | undefined): void {
  if (older.size > newer.size) {
    throw invalid(
      `The older checkpoint has ${older.size} entries and this proof's log only ${newer.size}.`,
    );
  }
  if (older.size === newer.size && tree === undefined) {
    if (isSameHash(older.root, newer.root)) return;
    throw invalid(`History was rewritten: two checkpoints of ${older.size} entries differ.`);
  }
  if (older.size === 0n && tree === undefined) return;
  if (tree?.size !== older.size) {
    throw invalid(
      `The proof cannot be compared with a checkpoint of ${older.size} entries; ` +
        `ask for one with older=${older.size}, or give a whole export.`,
    );
  }
  const isGrown = isConsistent(evidenceHasher, {
    olderSize: older.size,
    size: newer.size,
    olderRoot: older.root,
    root: newer.root,
    proof: tree.hashes,
  });
  if (!isGrown) {
    throw invalid(`The log's first ${older.size} entries are not those of the older checkpoint.`);
  }
}

function parseExtra(extra: Uint8Array | undefined): { entry: Buffer; older?: OlderTree } {
  if (extra === undefined) throw invalid('The proof does not carry its entry (no "extra" line).');
  const value = parseCanonical(extra);
  if (typeof value !== 'object' || value === null || !('entry' in value)) {
    throw invalid('The "extra" line of the proof does not hold an entry.');
  }
  const { entry, ...rest } = value;
  const older = 'older' in rest ? parseOlder(rest.older) : undefined;
  const isKnown = Object.keys(rest).every((key) => key === 'older');
  if (typeof entry !== 'string' || !isKnown || ('older' in rest && older === undefined)) {
    throw invalid('The "extra" line of the proof holds something unknown.');
  }
  const bytes = Buffer.from(entry);
  return older === undefined ? { entry: bytes } : { entry: bytes, older };
}

function parseCanonical(bytes: Uint8Array): unknown {
  try {
    const value: Json = JSON.parse(Buffer.from(bytes).toString());
    if (Buffer.from(canonicalJson(value)).equals(bytes)) return value;
  } catch {
    // Falls through to the one sentence for both.
  }
  throw invalid('The "extra" line of the proof is not canonical JSON.');
}

function parseOlder(value: unknown): OlderTree | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { size, hashes, ...rest } = value as { size?: unknown; hashes?: unknown };
  if (typeof size !== 'string' || !Array.isArray(hashes) || hashes.length > 65) return undefined;
  if (Object.keys(rest).length > 0) return undefined;
  const parsedSize = parseDecimal(size);
  const parsed = hashes.map((each) => (typeof each === 'string' ? decodeBase64(each) : undefined));
  if (parsedSize === undefined) return undefined;
  const known = parsed.filter((each) => each !== undefined);
  return known.length === parsed.length ? { size: parsedSize, hashes: known } : undefined;
}
