import { type Checkpoint, openCheckpoint, parseCheckpointText } from '../../formats/checkpoint.ts';
import { parseVerifierKey } from '../../formats/signed-note.ts';
import { Failure } from '../../model/errors.ts';
import { isSameHash } from '../../model/merkle.ts';
import { beginLogCiting, type CitedHead, type SealingContext } from './evidence-sealing.ts';
import * as store from './evidence-store.ts';
import type { TreeReader } from './evidence-tree.ts';

type Context = SealingContext & { readonly reader: TreeReader };

/**
 * What a checkpoint found outside says about the log here. `kept`: the log continues it, or it is
 * of an earlier log. `ahead`: the log fell behind it, so a restore took back what was signed.
 * `foreign`: it is none of ours.
 */
export type Judgement =
  | { readonly is: 'kept' | 'foreign' }
  | { readonly is: 'ahead'; readonly head: CitedHead };

export async function judgeNote(
  context: Context,
  log: store.EvidenceLog,
  note: string,
): Promise<Judgement> {
  const checkpoint = tryOpen(note, log.verifierKey);
  if (checkpoint !== undefined) return judgeOwn(context, log, checkpoint);
  const earlier = await store.listLogs(context.database.kysely);
  if (earlier.some(({ verifierKey }) => tryOpen(note, verifierKey))) return { is: 'kept' };
  // A log begun after the backup that was restored here: its key is lost with what it signed.
  const unknown = tryParse(note);
  const isOurs =
    unknown?.origin === context.origin || unknown?.origin.startsWith(`${context.origin}/`);
  if (unknown === undefined || !isOurs) return { is: 'foreign' };
  const reason = 'A later log of this name was signed by a key that a restore did not bring back.';
  return { is: 'ahead', head: { ...unknown, verifierKey: 'unknown', reason } };
}

async function judgeOwn(
  context: Context,
  log: store.EvidenceLog,
  checkpoint: Checkpoint,
): Promise<Judgement> {
  const size = Number(checkpoint.size);
  const head = { ...checkpoint, verifierKey: log.verifierKey };
  if (size > log.size) {
    const reason = `A restore took the log back to ${log.size} entries.`;
    return { is: 'ahead', head: { ...head, reason } };
  }
  const root = await context.reader.rootAt(context.database.kysely, log.id, size);
  if (isSameHash(root, checkpoint.root)) return { is: 'kept' };
  const reason = `The log grew differently after a restore: its first ${size} entries are others.`;
  return { is: 'ahead', head: { ...head, reason } };
}

function tryOpen(note: string, verifierKey: string): Checkpoint | undefined {
  try {
    return openCheckpoint(note, parseVerifierKey(verifierKey));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function tryParse(note: string): Checkpoint | undefined {
  try {
    return parseCheckpointText(note.slice(0, note.lastIndexOf('\n\n') + 1));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/**
 * Compares the log with checkpoints found outside, and begins a new log, citing the longest of
 * those it fell behind, so that a restore never looks like tampering. Answers how many were none
 * of ours.
 */
export async function followNotes(context: Context, notes: readonly string[]): Promise<number> {
  const log = await store.findCurrentLog(context.database.kysely);
  if (log === undefined) return 0;
  const judgements: Judgement[] = [];
  for (const note of notes) judgements.push(await judgeNote(context, log, note));
  const ahead = judgements.flatMap((each) => (each.is === 'ahead' ? [each.head] : []));
  const longest = ahead.reduce<CitedHead | undefined>(
    (best, head) => (best !== undefined && best.size >= head.size ? best : head),
    undefined,
  );
  if (longest !== undefined) await beginLogCiting(context, longest);
  return judgements.filter(({ is }) => is === 'foreign').length;
}
