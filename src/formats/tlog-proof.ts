import { invalid } from '../model/errors.ts';
import { HASH_BYTES, type Hash } from '../model/merkle.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { parseDecimal } from './checkpoint.ts';

/** A proof that stands by itself, as a file an auditor keeps (c2sp.org/tlog-proof@v1). */
export type TlogProof = {
  /** Of our own choosing, and not covered by any signature: see evidence-proof.ts. */
  readonly extra?: Uint8Array;
  readonly index: bigint;
  readonly hashes: readonly Hash[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
};

export const TLOG_PROOF_HEADER = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^64 leaves has 64 levels. */
const HASHES_MAX = 64;

export function formatTlogProof(proof: TlogProof): string {
  const lines = [TLOG_PROOF_HEADER];
  if (proof.extra !== undefined) lines.push(`extra ${encodeBase64(proof.extra)}`);
  lines.push(`index ${proof.index}`, ...proof.hashes.map(encodeBase64), '', proof.checkpoint);
  return lines.join('\n');
}

export function parseTlogProof(text: string): TlogProof {
  const gap = text.indexOf('\n\n');
  if (gap < 0) throw invalid('The proof has no checkpoint.');
  const [header, ...lines] = text.slice(0, gap).split('\n');
  if (header !== TLOG_PROOF_HEADER)
    throw invalid(`The proof does not begin "${TLOG_PROOF_HEADER}".`);
  const extra = lines[0]?.startsWith('extra ') ? decodeBase64(lines[0].slice(6)) : undefined;
  if (lines[0]?.startsWith('extra ')) {
    if (extra === undefined) throw invalid('The "extra" line of the proof is not base64.');
    lines.shift();
  }
  const [, indexText] = /^index ([0-9]+)$/.exec(lines.shift() ?? '') ?? [];
  const index = indexText === undefined ? undefined : parseDecimal(indexText);
  if (index === undefined) throw invalid('The "index" line of the proof cannot be read.');
  if (lines.length > HASHES_MAX) throw invalid('The proof has more than 64 hashes.');
  const hashes = lines.map((line, at) => {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_BYTES) throw invalid(`Hash ${at + 1} of the proof cannot be read.`);
    return hash;
  });
  const checkpoint = text.slice(gap + 2);
  return extra === undefined ? { index, hashes, checkpoint } : { extra, index, hashes, checkpoint };
}
