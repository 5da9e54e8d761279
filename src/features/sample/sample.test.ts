import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../../test/harness/app.ts';
import { PROJECT_FOLDER } from '../../app/version.ts';
import type { Client } from '../../client/client.ts';
import { Failure } from '../../model/errors.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { componentsEndpoints } from '../components/components-contract.ts';
import { connectionsEndpoints } from '../connections/connections-contract.ts';
import { Recorder } from '../inventory/inventory.ts';
import { inventoryEndpoints } from '../inventory/inventory-contract.ts';
import { sampleEndpoints } from './sample-contract.ts';
import { readEstate } from './sample-estate.ts';

let world: TestApp;
let call: Client;
beforeAll(async () => {
  world = await testApp();
  call = (await world.signInAs('operator')).call;
});

/** Every row of every table but the log, which keeps everything, and the queue of jobs. */
async function countRows(): Promise<Record<string, number>> {
  const db = world.database.kysely;
  const tables = await sql<{ name: string }>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema in
      ('inventory', 'components', 'connections', 'sample', 'uploads', 'ownership')`.execute(db);
  const counts: Record<string, number> = {};
  for (const { name } of tables.rows) {
    // The day's own row is written by the minute.
    if (name === 'inventory.daily_count') continue;
    const found = await sql<{ n: number }>`select count(*) as n from ${sql.raw(name)}`.execute(db);
    counts[name] = found.rows[0]?.n ?? 0;
  }
  return counts;
}

/** A host, an image and a container that are really there. */
async function recordReal(imageKey: string): Promise<void> {
  const { ids, clock } = world.runtime;
  const connectionId = ids.next();
  const at = clock.now();
  await sql`
    insert into connections.connection
      (id, kind, name, settings, every_seconds, follows, created_at, next_sync_at)
    values (${connectionId}, 'docker', ${`Real ${connectionId}`}, '{}', 300, false, ${at},
            'infinity')`.execute(world.database.kysely);
  await inTransaction(world.database, async (trx) => {
    const recorder = new Recorder({ connectionId, sample: false, at, ids });
    await recorder.record(trx, [
      { kind: 'host', key: 'real', name: 'real-host', engine: 'Docker Engine 20', facts: {} },
      {
        kind: 'image',
        key: imageKey,
        configDigest: imageKey,
        manifestDigests: [],
        indexDigests: [],
        where: 'real',
        tags: ['real/app:1'],
        diffIds: [],
        labels: {},
      },
      {
        kind: 'container',
        key: `c-${connectionId}`,
        hostKey: 'real',
        name: 'real-app',
        imageName: 'real/app:1',
        imageKey,
        state: 'running',
        workload: { kind: 'container', key: 'name:real-app', name: 'real-app' },
      },
    ]);
  });
}

describe('the sample estate', () => {
  it('fills every list, and is marked as sample in each', async () => {
    const sample = await call(sampleEndpoints.loadSample);

    expect(sample).toMatchObject({ loaded: true, connections: 3, hosts: 3 });
    expect(sample.images).toBeGreaterThanOrEqual(6);
    const state = 'all' as const;
    const containers = await call(inventoryEndpoints.listContainers, { query: { state } });
    const images = await call(inventoryEndpoints.listImages);
    const connections = await call(connectionsEndpoints.listConnections);
    for (const list of [containers.items, images.items, connections.items]) {
      expect(list.length).toBeGreaterThan(0);
      expect(list.every((row) => row.sample)).toBe(true);
    }
    expect(images.items.every((image) => image.catalogue === 'complete')).toBe(true);
    expect(containers.items.some((row) => row.privileged === true)).toBe(true);
    expect(containers.items.some((row) => row.exposed === true)).toBe(true);
    expect(containers.counts.ended).toBeGreaterThan(0);
  });

  it('loaded twice is there once', async () => {
    const first = await call(sampleEndpoints.getSample);
    const second = await call(sampleEndpoints.loadSample);

    expect(second).toEqual(first);
  });

  it('can be searched for a component, in what runs and in what ran', async () => {
    const query = { q: 'lodash' };
    const found = await call(componentsEndpoints.searchComponents, { query });

    expect(found.items.map((row) => row.version)).toEqual(
      expect.arrayContaining(['4.17.20', '4.17.21']),
    );
    expect(found.items.some((row) => row.runningContainers > 0)).toBe(true);
  });

  it('tells of a month that ends now', async () => {
    const overview = await call(inventoryEndpoints.getOverview);
    const state = 'all' as const;
    const { items } = await call(inventoryEndpoints.listContainers, { query: { state } });
    const days = items.map((row) => (Date.now() - Date.parse(row.startedAt ?? '')) / 86_400_000);

    expect(Math.max(...days)).toBeGreaterThan(25);
    expect(Math.max(...days)).toBeLessThan(31);
    expect(Math.min(...days)).toBeGreaterThan(0);
    expect(overview.activity.filter((day) => day.started > 0).length).toBeGreaterThan(5);
  });

  it('says nothing of the machine that recorded it', async () => {
    const estate = await readEstate(join(PROJECT_FOLDER, 'sample/estate.json.gz'), new Date());
    const hosts = estate.readings.flatMap((reading) =>
      reading.observations.flatMap((one) => (one.kind === 'host' ? [one.name] : [])),
    );

    expect([...new Set(hosts)].sort()).toEqual(['slipway-ci', 'wharf-01', 'wharf-02']);
    expect(JSON.stringify(estate)).not.toMatch(/"[^"]*\/(tmp|work|root|home)\/[^"]*"/);
  });

  it('may not be loaded or removed by a viewer', async () => {
    const viewer = (await world.signInAs('viewer')).call;

    await expect(viewer(sampleEndpoints.loadSample)).rejects.toThrow(Failure);
    await expect(viewer(sampleEndpoints.removeSample)).rejects.toThrow(Failure);
  });

  it('goes without a trace, and leaves what is real', async () => {
    await call(sampleEndpoints.removeSample);
    await recordReal(`sha256:${'1'.repeat(64)}`);
    const before = await countRows();

    await call(sampleEndpoints.loadSample);
    const between = await countRows();
    const gone = await call(sampleEndpoints.removeSample);

    expect(between['inventory.container']).toBeGreaterThan(before['inventory.container'] ?? 0);
    expect(gone).toEqual({ loaded: false, connections: 0, hosts: 0, containers: 0, images: 0 });
    expect(await countRows()).toEqual(before);
    const days = await sql<{ n: number }>`
      select count(*) as n from inventory.daily_count where sample`.execute(world.database.kysely);
    expect(days.rows[0]?.n).toBe(0);
  });

  it('gives an image up that turns out to be real', async () => {
    const estate = await readEstate(join(PROJECT_FOLDER, 'sample/estate.json.gz'), new Date());
    const digest = estate.catalogues[0]?.image.configDigest ?? '';
    await call(sampleEndpoints.loadSample);

    await recordReal(digest);
    await call(sampleEndpoints.removeSample);

    const { items } = await call(inventoryEndpoints.listImages, { query: { q: digest } });
    expect(items).toMatchObject([{ sample: false }]);
  });

  it('leaves its coming and going in the evidence', async () => {
    const page = await world.inject({
      method: 'GET',
      url: '/api/v1/evidence/entries?kind=sample.removed',
      headers: { cookie: (await world.signInAs('owner')).cookie },
    });

    expect(page.body).toContain('sample.removed');
  });
});
