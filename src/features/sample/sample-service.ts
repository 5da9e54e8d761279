import { sql } from 'kysely';
import { type Actor, actorId, authorize } from '../../model/roles.ts';
import type { Clock, Ids } from '../../platform/clock.ts';
import {
  type Connection,
  type Database,
  inTransaction,
  type Transaction,
} from '../../platform/database/database.ts';
import {
  addSampleConnection,
  listSampleConnections,
  noteSampleReading,
  removeSampleConnections,
} from '../connections/connections.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import {
  countSample,
  findImagesByDigest,
  keepCatalogue,
  Recorder,
  removeSampleInventory,
  writeSampleDays,
} from '../inventory/inventory.ts';
import type { Sample } from './sample-contract.ts';
import { type Estate, type EstateReading, readEstate } from './sample-estate.ts';

export type SampleContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The recorded estate. */
  readonly file: string;
  /** Told after a commit: owners may have to be named anew. */
  readonly onChanged: () => Promise<void>;
};

const DAYS = 30;

export async function getSample(context: SampleContext, actor: Actor): Promise<Sample> {
  authorize(actor, 'inventory.read');
  return describeSample(context.database.kysely);
}

async function describeSample(db: Connection): Promise<Sample> {
  const found = await sql<{ loaded_at: Date }>`select loaded_at from sample.load`.execute(db);
  const loadedAt = found.rows[0]?.loaded_at;
  if (loadedAt === undefined) {
    return { loaded: false, connections: 0, hosts: 0, containers: 0, images: 0 };
  }
  const [count, connections] = await Promise.all([countSample(db), listSampleConnections(db)]);
  return {
    loaded: true,
    loadedAt: loadedAt.toISOString(),
    connections: connections.length,
    ...count,
  };
}

/** All of it or nothing, in one transaction; loading what is here already changes nothing. */
export async function loadSample(context: SampleContext, actor: Actor): Promise<Sample> {
  authorize(actor, 'sample.manage');
  const now = context.clock.now();
  const estate = await readEstate(context.file, now);
  const isNew = await inTransaction(context.database, async (trx) => {
    const added = await sql`
      insert into sample.load (loaded_at) values (${now}) on conflict do nothing`.execute(trx);
    if (added.numAffectedRows !== 1n) return false;
    const evidenceId = await appendEvidence(trx, {
      kind: 'sample.loaded',
      actor: actorId(actor),
      subjects: ['sample:estate'],
      at: now,
      body: { connections: estate.connections.length, images: estate.catalogues.length },
    });
    const loading: Loading = { trx, context, estate, now, evidenceId };
    const connections = await addConnections(loading);
    for (const reading of estate.readings) {
      await loadReading(loading, connections.get(reading.connection) ?? '', reading);
    }
    await loadCatalogues(loading);
    await writeSampleDays(trx, { now, days: DAYS });
    return true;
  });
  if (isNew) await context.onChanged();
  return describeSample(context.database.kysely);
}

type Loading = {
  readonly trx: Transaction;
  readonly context: SampleContext;
  readonly estate: Estate;
  readonly now: Date;
  readonly evidenceId: string;
};

async function addConnections(loading: Loading): Promise<ReadonlyMap<string, string>> {
  const { trx, context, estate, now } = loading;
  const { ids } = context;
  const added = new Map<string, string>();
  for (const { key, name, address } of estate.connections) {
    const first = estate.readings.find((reading) => reading.connection === key);
    const at = new Date(first?.at ?? now);
    added.set(key, await addSampleConnection(trx, { name, address, at, ids }));
  }
  return added;
}

async function loadReading(
  { trx, context, evidenceId }: Loading,
  connectionId: string,
  reading: EstateReading,
): Promise<void> {
  const { ids } = context;
  const at = new Date(reading.at);
  const recorder = new Recorder({ connectionId, sample: true, at, ids });
  await recorder.record(trx, reading.observations);
  if (reading.complete.length === 0) return;
  const { complete } = reading;
  await recorder.markGone(trx, { complete, startedAt: at });
  const changes = recorder.changes();
  await noteSampleReading(trx, { connectionId, at, ids, complete, changes, evidenceId });
}

async function loadCatalogues({ trx, context, estate, now }: Loading): Promise<void> {
  const { ids } = context;
  const first = estate.readings[0]?.at;
  const readAt = first === undefined ? now : new Date(first);
  for (const scanned of estate.catalogues) {
    const digest = scanned.image.configDigest ?? scanned.image.manifestDigest ?? '';
    const [image] = await findImagesByDigest(trx, [digest]);
    // One that is really here already was read here, which is worth more.
    if (image === undefined || !image.sample) continue;
    const { id: imageId, number } = image;
    const read = { imageId, number, scanned, at: now, readAt, ids };
    await keepCatalogue(trx, { ...read, actor: 'system:sample' });
  }
}

/** Takes out what is marked as sample, and nothing else; its evidence stays. */
export async function removeSample(context: SampleContext, actor: Actor): Promise<Sample> {
  authorize(actor, 'sample.manage');
  await inTransaction(context.database, async (trx) => {
    const removed = await sql`delete from sample.load`.execute(trx);
    if (removed.numAffectedRows === 0n) return;
    await removeSampleInventory(trx, await listSampleConnections(trx));
    await removeSampleConnections(trx);
    await appendEvidence(trx, {
      kind: 'sample.removed',
      actor: actorId(actor),
      subjects: ['sample:estate'],
      at: context.clock.now(),
      body: {},
    });
  });
  return describeSample(context.database.kysely);
}
