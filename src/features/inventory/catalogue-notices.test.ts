import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/database.ts';
import { aUser } from '../../../test/harness/notices.ts';
import { unavailable } from '../../model/errors.ts';
import { createIds, manualClock } from '../../platform/clock.ts';
import type { Jobs } from '../../platform/jobs.ts';
import { silentLog } from '../../platform/log.ts';
import { createCataloguing } from './catalogue-jobs.ts';

const clock = manualClock();
const ids = createIds(clock);
/** The work of each kind of job, done when the test says so. */
const work = new Map<string, (data: object) => Promise<void>>();
const nothing = async (): Promise<void> => {};
const jobs: Jobs = {
  handle: (kind, does) => {
    const { signal } = new AbortController();
    work.set(kind.name, (data) => does(kind.data.parse(data), { signal }));
  },
  schedule: () => {},
  send: nothing,
  start: nothing,
  stop: nothing,
};

let database: TestDatabase;
let cataloguing: ReturnType<typeof createCataloguing>;
beforeAll(async () => {
  database = await testDatabase();
  await aUser(database, { role: 'operator', email: 'operator@wharf.test' });
  const openImage = async () => {
    throw unavailable('The registry does not answer.');
  };
  const tools = { database, clock, ids, log: silentLog, jobs };
  cataloguing = createCataloguing({ ...tools, cataloguers: [], openImage });
});
afterAll(() => cataloguing.stop());
beforeEach(() => sql`truncate notifications.notice cascade`.execute(database.kysely));

async function anImage(image: { tries: number; isGone?: boolean }): Promise<string> {
  const id = ids.next();
  const at = clock.now();
  const db = database.kysely;
  await sql`
    insert into inventory.image (id, name, first_seen_at, catalogue_tries, catalogue_due_at)
    values (${id}, 'harbour/crane:1', ${at}, ${image.tries}, ${at})`.execute(db);
  await sql`
    insert into inventory.image_place
      (id, image_id, connection_id, place, key, first_seen_at, gone_at)
    values (${ids.next()}, ${id}, ${ids.next()}, 'shelf', 'key', ${at},
            ${image.isGone === true ? at : null})`.execute(db);
  return id;
}

const read = (imageId: string) => work.get('inventory.catalogue')?.({ imageId });

const told = async () => {
  const found = await sql<{ kind: string; body: string; times: number }>`
    select kind, body, times from notifications.notice order by number`.execute(database.kysely);
  return found.rows;
};

describe('an image that cannot be catalogued', () => {
  it('is told of after the last try, not before', async () => {
    await read(await anImage({ tries: 3 }));
    expect(await told()).toEqual([]);
    await read(await anImage({ tries: 4 }));
    expect(await told()).toMatchObject([
      {
        kind: 'image.not-catalogued',
        body: expect.stringMatching(/^harbour\/crane:1: The registry does not answer\./),
      },
    ]);
  });

  it('is counted with the others, not told of one by one', async () => {
    for (let image = 0; image < 3; image += 1) await read(await anImage({ tries: 4 }));
    expect(await told()).toMatchObject([{ times: 3 }]);
  });

  it('is not told of when it is gone everywhere', async () => {
    await read(await anImage({ tries: 4, isGone: true }));
    expect(await told()).toEqual([]);
  });
});
