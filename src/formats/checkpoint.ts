import { invalid } from '../model/errors.ts';
import { HASH_BYTES, type Hash } from '../model/merkle.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { type NoteSigner, openNote, signNote, type VerifierKey } from './signed-note.ts';

/** The signed head of a log (c2sp.org/tlog-checkpoint). */
export type Checkpoint = { readonly origin: string; readonly size: bigint; readonly root: Hash };

export const TREE_SIZE_MAX = 2n ** 64n - 1n;

export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): string {
  const { origin, size, root } = checkpoint;
  return signNote(`${origin}\n${size}\n${encodeBase64(root)}\n`, signer);
}

/**
 * Reads a checkpoint that the key signed and whose origin is the key's name: a key speaks for one
 * log. Extension lines are refused, as nothing covers what they say.
 */
export function openCheckpoint(note: string, verifierKey: VerifierKey): Checkpoint {
  const checkpoint = parseCheckpointText(openNote(note, verifierKey));
  if (checkpoint.origin !== verifierKey.name) {
    throw invalid(`The checkpoint is of the log ${checkpoint.origin}, not ${verifierKey.name}.`);
  }
  return checkpoint;
}

/** Reads the text of a checkpoint whose signature was checked elsewhere. */
export function parseCheckpointText(text: string): Checkpoint {
  const [origin, sizeText, rootText, ...rest] = text.split('\n');
  const size = sizeText === undefined ? undefined : parseDecimal(sizeText);
  const root = rootText === undefined ? undefined : decodeBase64(rootText);
  if (!origin || size === undefined || root?.length !== HASH_BYTES) {
    throw invalid('The checkpoint is not three lines of origin, size and root hash.');
  }
  if (rest.length !== 1 || rest[0] !== '') {
    throw invalid('The checkpoint has extension lines, which this log never writes.');
  }
  return { origin, size, root };
}

/** ASCII decimal without leading zeroes, up to 2^64 - 1. */
export function parseDecimal(text: string): bigint | undefined {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= TREE_SIZE_MAX ? value : undefined;
}
