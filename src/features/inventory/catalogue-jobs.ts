import { sql } from 'kysely';
import { z } from 'zod';
import type { ScannedImage } from '../../model/catalogue.ts';
import { Failure, publicMessage } from '../../model/errors.ts';
import type { Clock, Ids } from '../../platform/clock.ts';
import {
  type Database,
  inTransaction,
  type Transaction,
} from '../../platform/database/database.ts';
import type { JobKind, Jobs } from '../../platform/jobs.ts';
import { errorFields, type Log } from '../../platform/log.ts';
import type { Cataloguer } from '../../scan/cataloguer.ts';
import type { ImageSource } from '../../scan/image-source.ts';
import { LayerPool } from '../../scan/layer-pool.ts';
import { scanImage } from '../../scan/scan-image.ts';
import { layerStore } from '../components/components.ts';
import { notify } from '../notifications/notifications.ts';
import { keepCatalogue } from './keep-catalogue.ts';
import { writeDailyCount } from './overview-store.ts';

export type CatalogueContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly jobs: Jobs;
  readonly cataloguers: readonly Cataloguer[];
  /** Opens an image at one of the places it lies. The caller closes both. */
  readonly openImage: (place: ImagePlace) => Promise<OpenedImage>;
};

/** Where an image lies at a connection, as its ImageObservation said. */
export type ImagePlace = {
  readonly connectionId: string;
  readonly key: string;
  readonly where: string;
};

export type OpenedImage = { readonly source: ImageSource; readonly close: () => Promise<void> };

const catalogueJob: JobKind<{ imageId: string }> = {
  name: 'inventory.catalogue',
  data: z.object({ imageId: z.guid() }),
  overlap: 'never',
  concurrency: 2,
  secondsMax: 3600,
  retriesMax: 0,
};

const sweepJob: JobKind<Record<string, never>> = {
  name: 'inventory.sweep',
  data: z.object({}),
  overlap: 'allowed',
};

const TRIES_MAX = 5;
const RETRY_MINUTES = 10;

/** Reads images that wait, the running ones first, and tries again what could not be reached. */
export function createCataloguing(context: CatalogueContext) {
  const { database, jobs, clock } = context;
  const pool = new LayerPool();
  const request = (imageId: string) => jobs.send(catalogueJob, { imageId }, { key: imageId });
  const requestWaiting = async () => {
    const due = await sql<{ id: string }>`
      select i.id from inventory.image i
      where i.catalogue_due_at <= ${clock.now()} and not i.sample
      order by exists (select from inventory.running_container c where c.image_id = i.id) desc,
               i.catalogue_due_at limit 200`.execute(database.kysely);
    for (const row of due.rows) await request(row.id);
  };
  jobs.handle(catalogueJob, ({ imageId }) => catalogueImage(context, pool, imageId));
  jobs.handle(sweepJob, async () => {
    await requestWaiting();
    await writeDailyCount(database.kysely, clock.now());
  });
  jobs.schedule(sweepJob, '* * * * *', {});
  return {
    requestWaiting,
    /** A person asked: read it again even if it is known. */
    requestAgain: async (imageId: string) => {
      await sql`
        update inventory.image set catalogue_due_at = ${clock.now()}, catalogue_tries = 0
        where id = ${imageId}::uuid`.execute(database.kysely);
      await request(imageId);
    },
    stop: () => pool.close(),
  };
}

type Waiting = { number: number; name: string; tries: number };

async function catalogueImage(
  context: CatalogueContext,
  pool: LayerPool,
  imageId: string,
): Promise<void> {
  const { database } = context;
  const taken = await sql<Waiting>`
    update inventory.image set catalogue_state = 'reading', catalogue_tries = catalogue_tries + 1
    where id = ${imageId}::uuid and catalogue_due_at is not null
    returning number, name, catalogue_tries as tries`.execute(database.kysely);
  const image = taken.rows[0];
  if (image === undefined) return;
  try {
    const scanned = await readSomewhere(context, pool, imageId);
    await keep(context, { imageId, number: image.number, scanned });
  } catch (error) {
    if (!(error instanceof Failure)) {
      context.log.error('An image could not be catalogued.', { imageId, ...errorFields(error) });
    }
    await keepFailure(context, { imageId, image, error });
  }
}

/** Where it lies now, one place after the other, until one answers. */
async function readSomewhere(
  context: CatalogueContext,
  pool: LayerPool,
  imageId: string,
): Promise<ScannedImage> {
  const places = await sql<{ connection_id: string; key: string; place: string }>`
    select connection_id, key, place from inventory.image_place
    where image_id = ${imageId}::uuid and gone_at is null
    order by first_seen_at desc limit 5`.execute(context.database.kysely);
  let failure: unknown = new Failure('not-found', 'It is gone from every place it was seen at.');
  for (const { connection_id: connectionId, key, place: where } of places.rows) {
    try {
      return await readAt(context, pool, { connectionId, key, where });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function readAt(
  context: CatalogueContext,
  pool: LayerPool,
  place: ImagePlace,
): Promise<ScannedImage> {
  const opened = await context.openImage(place);
  try {
    const [first] = await opened.source.images();
    if (first === undefined) throw new Failure('not-found', 'There is no image at this place.');
    const { cataloguers } = context;
    const cache = layerStore(context.database);
    // An estate holds one layer in several forms: packed in registries, unpacked in engines.
    const tools = { reader: pool, cache, cataloguers, hashing: 'both' } as const;
    return await scanImage(await first.load(), tools);
  } finally {
    await opened.source.close();
    await opened.close();
  }
}

async function keep(
  context: CatalogueContext,
  read: { imageId: string; number: number; scanned: ScannedImage },
): Promise<void> {
  const { clock, ids } = context;
  const around = { at: clock.now(), ids, actor: 'system:cataloguer' };
  await inTransaction(context.database, async (trx) => {
    await keepCatalogue(trx, { ...read, ...around });
  });
}

/** What does not answer is tried again, ever later; what is broken is not. */
async function keepFailure(
  context: CatalogueContext,
  failed: { imageId: string; image: Waiting; error: unknown },
): Promise<void> {
  const { database, clock } = context;
  const { imageId, image, error } = failed;
  const kind = error instanceof Failure ? error.kind : 'defect';
  const mayHeal = kind === 'unavailable' || kind === 'not-found' || kind === 'defect';
  const again = mayHeal && image.tries < TRIES_MAX;
  const at = clock.now();
  const due = again ? new Date(at.getTime() + image.tries * RETRY_MINUTES * 60_000) : null;
  const reason = publicMessage(error);
  await inTransaction(database, async (trx) => {
    await sql`
      update inventory.image set
        catalogue_state = ${mayHeal ? 'unreachable' : 'failed'},
        catalogue_error = ${reason}, catalogue_due_at = ${due}
      where id = ${imageId}::uuid`.execute(trx);
    if (again || !(await isAnywhere(trx, imageId))) return;
    await notify(trx, {
      // One for all images: a registry that is down would else send thousands.
      key: 'image.not-catalogued',
      kind: 'image.not-catalogued',
      severity: 'warning',
      title: 'An image could not be catalogued',
      body: `${image.name.slice(0, 300)}: ${reason} Nobody can tell what is in it.`,
      link: `/images/${imageId}`,
      audience: [{ role: 'operator' }, { role: 'owner' }],
      at,
    });
  });
}

/** An image that was removed before it could be read is nobody's concern. */
async function isAnywhere(trx: Transaction, imageId: string): Promise<boolean> {
  const found = await sql`
    select from inventory.image_place
    where image_id = ${imageId}::uuid and gone_at is null limit 1`.execute(trx);
  return found.rows.length > 0;
}
