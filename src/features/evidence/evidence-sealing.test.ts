import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/database.ts';
import { openCheckpoint } from '../../formats/checkpoint.ts';
import { evidenceHasher } from '../../formats/evidence-proof.ts';
import { parseVerifierKey } from '../../formats/signed-note.ts';
import { decodeEntryBundle } from '../../formats/tlog-tiles.ts';
import { appendLeaf, emptyRange, rangeRoot } from '../../model/merkle.ts';
import { createIds, manualClock } from '../../platform/clock.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { createSecretStore } from '../../platform/secret-store.ts';
import { appendEvidence, appendEvidenceBatch, type NewEvidence } from './evidence-append.ts';
import { ensureLog, placePending, type SealingContext, sealPending } from './evidence-sealing.ts';
import { findCurrentLog } from './evidence-store.ts';
import { TreeReader } from './evidence-tree.ts';

let database: TestDatabase;
let context: SealingContext;
const clock = manualClock();

beforeEach(async () => {
  database = await testDatabase();
  const ring = [{ id: 'test', bytes: randomBytes(32) }];
  const secrets = createSecretStore(ring, createIds(clock));
  context = { database, clock, secrets, origin: 'wharfinger.test' };
});

const entry = (subject: string): NewEvidence => ({
  kind: 'container.seen',
  actor: 'system:sync',
  subjects: [`container:${subject}`],
  at: clock.now(),
  body: { state: 'running' },
});

/** Every sealed entry in log order, read from the rows and hashed anew. */
async function readLog(): Promise<{ subjects: string[]; root: string }> {
  const { rows } = await sql<{ first: number; entries: Buffer }>`
    select first_index as first, entries from evidence.batch
    where first_index is not null order by first_index`.execute(database.kysely);
  const range = emptyRange();
  const subjects: string[] = [];
  for (const row of rows) {
    expect(BigInt(row.first)).toBe(range.size);
    for (const bytes of decodeEntryBundle(row.entries) ?? []) {
      appendLeaf(evidenceHasher, range, evidenceHasher.leaf(bytes));
      subjects.push(...JSON.parse(Buffer.from(bytes).toString()).subjects);
    }
  }
  return { subjects, root: Buffer.from(rangeRoot(evidenceHasher, range)).toString('base64') };
}

describe('appending', () => {
  it('leaves nothing when the transaction that records the change is rolled back', async () => {
    await ensureLog(context);
    const work = inTransaction(database, async (transaction) => {
      await appendEvidence(transaction, entry('rolled-back'));
      throw new Error('the change failed');
    });
    await expect(work).rejects.toThrow('the change failed');

    await sealPending(context, new TreeReader());

    expect((await readLog()).subjects).toEqual([]);
  });

  it('refuses personal data where an id belongs, and entries that are too long', async () => {
    const append = (change: Partial<NewEvidence>) =>
      inTransaction(database, (transaction) =>
        appendEvidence(transaction, { ...entry('one'), ...change }),
      );
    await expect(append({ actor: 'user:ada@example.org' })).rejects.toThrow('an id like');
    await expect(append({ subjects: ['Ada Lovelace'] })).rejects.toThrow('without personal data');
    await expect(append({ body: 'x'.repeat(66_000) })).rejects.toThrow('longer than 65,535 bytes');
  });

  it('gives every entry one place when many append and many seal at once', async () => {
    await ensureLog(context);
    const appender = async (who: number): Promise<void> => {
      for (let turn = 0; turn < 15; turn += 1) {
        const batch = Array.from({ length: 7 }, (_, at) => entry(`${who}-${turn}-${at}`));
        await inTransaction(database, (transaction) => appendEvidenceBatch(transaction, batch));
      }
    };
    let isAppending = true;
    const sealer = async (): Promise<void> => {
      while (isAppending) await sealPending(context, new TreeReader());
    };
    const sealers = [sealer(), sealer()];
    await Promise.all([0, 1, 2, 3].map(appender));
    isAppending = false;
    await Promise.all(sealers);
    await sealPending(context, new TreeReader());

    const { subjects, root } = await readLog();
    expect(subjects).toHaveLength(4 * 15 * 7);
    expect(new Set(subjects).size).toBe(subjects.length);
    const log = await findCurrentLog(database.kysely);
    expect(log?.root.toString('base64')).toBe(root);
  });
});

describe('sealing', () => {
  it('signs the root of all entries under the key made at the first start', async () => {
    const log = await ensureLog(context);
    const batch = Array.from({ length: 600 }, (_, at) => entry(`${at}`));
    await inTransaction(database, (transaction) => appendEvidenceBatch(transaction, batch));

    const head = await sealPending(context, new TreeReader());

    const opened = openCheckpoint(head?.note ?? '', parseVerifierKey(log.verifierKey));
    expect(opened.origin).toBe('wharfinger.test');
    expect(opened.size).toBe(601n);
    expect(Buffer.from(opened.root).toString('base64')).toBe((await readLog()).root);
  });

  it('does nothing when nothing waits', async () => {
    await ensureLog(context);
    await sealPending(context, new TreeReader());
    expect(await sealPending(context, new TreeReader())).toBeUndefined();
    expect((await ensureLog(context)).size).toBe(1);
  });

  it('never signs a head that does not continue the last one signed', async () => {
    await ensureLog(context);
    await inTransaction(database, (transaction) => appendEvidence(transaction, entry('one')));
    await sealPending(context, new TreeReader());
    // Someone with the database rewrites the log: its tiles, root and rows, all fitting together.
    const other = evidenceHasher.leaf(Buffer.from('forged'));
    const first = await sql<{ hashes: Buffer }>`select hashes from evidence.tile`.execute(
      database.kysely,
    );
    const kept = first.rows[0]?.hashes.subarray(0, 32) ?? Buffer.alloc(0);
    const forged = Buffer.concat([kept, other]);
    const root = Buffer.from(evidenceHasher.node(kept, other));
    await sql`update evidence.tile set hashes = ${forged}`.execute(database.kysely);
    await sql`update evidence.log set root = ${root}`.execute(database.kysely);
    await inTransaction(database, (transaction) => appendEvidence(transaction, entry('two')));

    await expect(sealPending(context, new TreeReader())).rejects.toThrow('will not be signed');
  });

  it('stops at tiles that do not give the root', async () => {
    await ensureLog(context);
    await sql`update evidence.log set root = ${Buffer.alloc(32)}`.execute(database.kysely);
    await inTransaction(database, (transaction) => appendEvidence(transaction, entry('one')));
    await expect(placePending(context)).rejects.toThrow('changed by hand');
  });
});
