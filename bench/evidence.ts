/**
 * Durable evidence appends against appends to a tree in memory, in paired rounds. The durable side
 * is the product's own path: canonical JSON, one transaction for each 1,000 entries from two
 * connections, and every second the sealing beside it, as in a running server, until the last entry
 * has its place and the head is signed.
 *
 *     bin/node bench/evidence.ts [ENTRIES]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  appendEvidenceBatch,
  encodeNewEvidence,
  type NewEvidence,
} from '../src/features/evidence/evidence-append.ts';
import { listEntries } from '../src/features/evidence/evidence-entries.ts';
import {
  ensureLog,
  type SealingContext,
  sealPending,
} from '../src/features/evidence/evidence-sealing.ts';
import { findCurrentLog } from '../src/features/evidence/evidence-store.ts';
import { TreeReader } from '../src/features/evidence/evidence-tree.ts';
import { evidenceHasher } from '../src/formats/evidence-proof.ts';
import { appendLeaf, emptyRange, rangeRoot } from '../src/model/merkle.ts';
import { createIds, systemClock } from '../src/platform/clock.ts';
import { startBundledPostgres } from '../src/platform/database/bundled-postgres.ts';
import { inTransaction, openDatabase } from '../src/platform/database/database.ts';
import { migrate } from '../src/platform/database/migrate.ts';
import { createSecretStore } from '../src/platform/secret-store.ts';

const ENTRIES = Number(process.argv[2] ?? 100_000);
const BATCH = 1000;
const ROUNDS = 5;
const CONNECTIONS = 2;
/** As the server does it. */
const SEAL_EVERY_MS = 1000;
const PROOFS = 200;
const HOLD = 0.18;

/** Some 300 bytes as canonical JSON, each about a thing of its own. */
function anEntry(at: number): NewEvidence {
  const id = at.toString(16).padStart(12, '0');
  return {
    kind: at % 5 === 0 ? 'container.ended' : 'container.seen',
    actor: 'system:sync',
    subjects: [`container:018f2b6a-0000-7000-8000-${id}`],
    at: new Date(1_770_000_000_000 + at),
    body: { connection: '018f2b6a-1111-7000-8000-00000000000a', state: 'running', run: at },
  };
}

const batches = Array.from({ length: Math.ceil(ENTRIES / BATCH) }, (_, batch) =>
  Array.from({ length: BATCH }, (_, at) => anEntry(batch * BATCH + at)),
);
const entries = batches.length * BATCH;

/** Entries a second. */
async function rateOf(work: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await work();
  return entries / ((performance.now() - start) / 1000);
}

function appendInMemory(encoded: Iterable<Uint8Array>): void {
  const range = emptyRange();
  for (const entry of encoded) appendLeaf(evidenceHasher, range, evidenceHasher.leaf(entry));
  rangeRoot(evidenceHasher, range);
}

function* encodeAll(): Generator<Uint8Array> {
  for (const batch of batches) for (const entry of batch) yield encodeNewEvidence(entry);
}

async function appendDurably(context: SealingContext, reader: TreeReader): Promise<void> {
  let isAppending = true;
  const sealing = (async () => {
    for (let last = performance.now(); isAppending; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (performance.now() - last < SEAL_EVERY_MS) continue;
      await sealPending(context, reader);
      last = performance.now();
    }
    await sealPending(context, reader);
  })();
  const waiting = batches.values();
  const appendInTurn = async (): Promise<void> => {
    for (const batch of waiting) {
      await inTransaction(context.database, (transaction) =>
        appendEvidenceBatch(transaction, batch),
      );
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, appendInTurn));
  isAppending = false;
  await sealing;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const shown = (rate: number): string => Math.round(rate).toLocaleString('en');

async function measureAppends(context: SealingContext, reader: TreeReader): Promise<void> {
  const encoded = [...encodeAll()];
  const ratios: number[] = [];
  const likeRatios: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const memory = await rateOf(() => appendInMemory(encoded));
    const durable = await rateOf(() => appendDurably(context, reader));
    const like = await rateOf(() => appendInMemory(encodeAll()));
    // The first round warms up.
    if (round === 0) continue;
    ratios.push(durable / memory);
    likeRatios.push(durable / like);
    console.log(
      `round ${round}: in memory ${shown(memory)}/s, with encoding ${shown(like)}/s, ` +
        `durable ${shown(durable)}/s, ratio ${(durable / memory).toFixed(3)}`,
    );
  }
  const ratio = median(ratios);
  console.log(
    `durable appends in batches of ${BATCH}, tree maintained, to in-memory appends: ` +
      `${ratio.toFixed(3)} (hold ≥ ${HOLD}: ${ratio >= HOLD ? 'held' : 'missed'}); ` +
      `to in-memory appends that encode too: ${median(likeRatios).toFixed(3)}`,
  );
}

async function measureReading(context: SealingContext, reader: TreeReader): Promise<void> {
  const log = await findCurrentLog(context.database.kysely);
  if (log === undefined) return;
  const { id, size } = log;
  const timesMs: number[] = [];
  for (let count = 0; count < PROOFS; count += 1) {
    const index = Math.floor(((count * 0.618_033_988) % 1) * size);
    const start = performance.now();
    await reader.proveInclusion(context.database.kysely, id, { index, size });
    timesMs.push(performance.now() - start);
  }
  const start = performance.now();
  const subject = `container:018f2b6a-0000-7000-8000-${(77).toString(16).padStart(12, '0')}`;
  await listEntries(context.database.kysely, { subject }, { limit: 50 });
  const listMs = performance.now() - start;
  console.log(
    `inclusion proof in a log of ${shown(size)}: median ${median(timesMs).toFixed(2)} ms, ` +
      `worst ${Math.max(...timesMs).toFixed(1)} ms; entries of one subject: ${listMs.toFixed(1)} ms`,
  );
}

const folder = mkdtempSync('/tmp/wharfinger-bench-');
const postgres = await startBundledPostgres({ folder: join(folder, 'postgres') });
const database = openDatabase(postgres.address);
try {
  await migrate(database);
  const secrets = createSecretStore([{ id: 'bench', bytes: Buffer.alloc(32, 1) }], createIds());
  const context = { database, clock: systemClock, secrets, origin: 'wharfinger.bench' };
  const reader = new TreeReader();
  await ensureLog(context);
  await measureAppends(context, reader);
  await measureReading(context, reader);
} finally {
  await database.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
