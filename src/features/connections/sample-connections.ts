import { sql } from 'kysely';
import type { Ids } from '../../platform/clock.ts';
import type { Connection, Transaction } from '../../platform/database/database.ts';
import * as store from './connections-store.ts';

const NAMES_TRIED_MAX = 20;

/** A connection that was recorded elsewhere: it is shown, and never read. */
export async function addSampleConnection(
  trx: Transaction,
  sample: { name: string; address: string; at: Date; ids: Ids },
): Promise<string> {
  const id = sample.ids.next();
  for (let number = 1; number <= NAMES_TRIED_MAX; number += 1) {
    const added = await store.insertConnection(trx, {
      id,
      kind: 'docker',
      name: number === 1 ? sample.name : `${sample.name} ${number}`,
      settings: { address: sample.address },
      secretId: null,
      everySeconds: 300,
      follows: false,
      sample: true,
      at: sample.at,
    });
    if (added) return id;
  }
  throw new Error('No name was free for a sample connection.');
}

/** A reading as it was recorded: a run in the history of its connection. */
export async function noteSampleReading(
  trx: Transaction,
  reading: {
    connectionId: string;
    at: Date;
    ids: Ids;
    complete: readonly string[];
    changes: { appeared: number; changed: number; gone: number };
    evidenceId: string;
  },
): Promise<void> {
  const { connectionId, at, evidenceId } = reading;
  const run = await store.insertSync(trx, { id: reading.ids.next(), connectionId, at });
  const { appeared, changed, gone } = reading.changes;
  const ended = { id: run.id, state: 'good' as const, at, parts: [], problems: [], evidenceId };
  await store.endSync(trx, { ...ended, complete: reading.complete, appeared, changed, gone });
  const note = { connectionId, runId: run.id, startedAt: at, good: true, reason: null };
  await store.noteReading(trx, { ...note, evidenceId, at });
}

export async function listSampleConnections(db: Connection): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select id from connections.connection where sample order by id`.execute(db);
  return found.rows.map((row) => row.id);
}

export async function removeSampleConnections(trx: Transaction): Promise<void> {
  const ids = await listSampleConnections(trx);
  await sql`delete from connections.gap where connection_id = any(${ids}::uuid[])`.execute(trx);
  await sql`
    delete from connections.sync_run where connection_id = any(${ids}::uuid[])`.execute(trx);
  await sql`delete from connections.connection where sample`.execute(trx);
}
