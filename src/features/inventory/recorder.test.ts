import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/database.ts';
import type {
  ContainerObservation,
  HostObservation,
  ImageObservation,
  Observation,
  ThingKind,
} from '../../model/observation.ts';
import { createIds } from '../../platform/clock.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { Recorder } from './recorder.ts';

let database: TestDatabase;
const ids = createIds();
beforeAll(async () => {
  database = await testDatabase();
});

const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 1, 9, n));
const everything: readonly ThingKind[] = ['host', 'image', 'tag', 'container', 'repository'];
const digestOf = (text: string): string =>
  `sha256:${Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64)}`;

function aHost(key = 'engine-1'): HostObservation {
  return { kind: 'host', key, name: key, engine: 'Docker Engine 20.10', facts: {} };
}

function aContainer(key: string, change: Partial<ContainerObservation> = {}): ContainerObservation {
  return {
    kind: 'container',
    key,
    hostKey: 'engine-1',
    name: key,
    imageName: 'ledger:1',
    state: 'running',
    startedAt: minute(0).toISOString(),
    workload: { kind: 'container', key: `name:${key}`, name: key },
    ...change,
  };
}

function anImage(key: string, change: Partial<ImageObservation> = {}): ImageObservation {
  return {
    kind: 'image',
    key,
    configDigest: key,
    manifestDigests: [],
    indexDigests: [],
    where: 'engine-1',
    tags: [],
    diffIds: [],
    labels: {},
    ...change,
  };
}

/** One connection of its own, so that tests do not meet; its keys are, too. */
function aConnection(connectionId: string = randomUUID()) {
  const record = async (at: Date, batch: readonly Observation[], readingSince?: Date) => {
    const since = readingSince === undefined ? {} : { readingSince };
    const recorder = new Recorder({ connectionId, sample: false, at, ids, ...since });
    await inTransaction(database, (trx) => recorder.record(trx, batch));
    return recorder.changes();
  };
  return {
    connectionId,
    /** What the event stream tells. */
    events: (at: Date, batch: readonly Observation[]) => record(at, batch),
    /** A reading that began at `from` and is written down at `to`. */
    read: async (
      [from, to]: readonly [Date, Date],
      batch: readonly Observation[],
      complete: readonly ThingKind[] = everything,
    ) => {
      const recorder = new Recorder({
        connectionId,
        sample: false,
        at: to,
        readingSince: from,
        ids,
      });
      await inTransaction(database, async (trx) => {
        await recorder.record(trx, batch);
        await recorder.markGone(trx, { complete, startedAt: from });
      });
      return recorder.changes();
    },
    container: async (key: string) => {
      const found = await sql<Record<string, unknown>>`
        select state, started_at, ended_at, first_seen_at, gone_at, exit_code, name, facts, id,
               image_id, created_at
        from inventory.container where connection_id = ${connectionId} and key = ${key}`.execute(
        database.kysely,
      );
      return found.rows[0] ?? {};
    },
    rows: async <T>(query: ReturnType<typeof sql<T>>) =>
      (await query.execute(database.kysely)).rows,
  };
}

describe('a fact', () => {
  it('has the time it was first seen and the time it was gone', async () => {
    const estate = aConnection();

    const first = await estate.read([minute(1), minute(2)], [aHost(), aContainer('a')]);
    const second = await estate.read([minute(3), minute(4)], [aHost()]);

    expect([first.appeared, second.gone]).toEqual([2, 1]);
    expect(await estate.container('a')).toMatchObject({
      state: 'removed',
      first_seen_at: minute(2),
      gone_at: minute(4),
      ended_at: minute(4),
    });
  });

  it('that nothing changed writes nothing', async () => {
    const estate = aConnection();
    const seen = [aHost(), anImage(digestOf('same')), aContainer('a')];
    await estate.read([minute(1), minute(2)], seen);

    const again = await estate.read([minute(3), minute(4)], seen);

    expect(again.lines).toBe('');
  });

  it('comes back with its first sight kept', async () => {
    const estate = aConnection();
    await estate.read([minute(1), minute(2)], [aHost(), aContainer('a')]);
    await estate.read([minute(3), minute(4)], [aHost()]);

    const back = await estate.read([minute(5), minute(6)], [aHost(), aContainer('a')]);

    expect(back.changed).toBe(1);
    expect(await estate.container('a')).toMatchObject({
      state: 'running',
      first_seen_at: minute(2),
      gone_at: null,
      ended_at: null,
    });
  });

  it('is not gone after a reading that did not read its kind in full', async () => {
    const estate = aConnection();
    await estate.read([minute(1), minute(2)], [aHost(), aContainer('a')]);

    await estate.read([minute(3), minute(4)], [aHost()], ['host', 'image', 'tag']);

    expect(await estate.container('a')).toMatchObject({ gone_at: null, state: 'running' });
  });

  it('that appeared by an event while the reading ran is not gone', async () => {
    const estate = aConnection();
    await estate.read([minute(1), minute(2)], [aHost()]);
    await estate.events(minute(4), [aHost(), aContainer('late')]);

    await estate.read([minute(3), minute(5)], [aHost()]);

    expect(await estate.container('late')).toMatchObject({ gone_at: null });
  });

  it('that ended by an event while the reading ran is not brought back by it', async () => {
    const estate = aConnection();
    await estate.read([minute(1), minute(2)], [aHost(), aContainer('brief')]);
    const ended = { state: 'removed', endedAt: minute(4).toISOString() } as const;
    await estate.events(minute(4), [aContainer('brief', ended)]);

    await estate.read([minute(3), minute(5)], [aHost(), aContainer('brief')]);

    expect(await estate.container('brief')).toMatchObject({
      state: 'removed',
      gone_at: minute(4),
      ended_at: minute(4),
    });
  });

  it('keeps what it was, stretch by stretch', async () => {
    const estate = aConnection();
    await estate.read([minute(1), minute(2)], [aHost(), aContainer('a')]);
    await estate.read([minute(3), minute(4)], [aHost(), aContainer('a', { state: 'paused' })]);
    await estate.read([minute(5), minute(6)], [aHost()]);
    const { id } = await estate.container('a');

    const stretches = await estate.rows(sql<{ from_at: Date; to_at: Date; state: string }>`
      select from_at, to_at, facts ->> 'state' as state from inventory.fact_history
      where thing_id = ${id}::uuid order by from_at`);

    expect(stretches).toEqual([
      { from_at: minute(2), to_at: minute(4), state: 'running' },
      { from_at: minute(4), to_at: minute(6), state: 'paused' },
    ]);
  });

  it('keeps text no database can hold, with a mark in its place', async () => {
    const estate = aConnection();

    await estate.events(minute(1), [aHost(), aContainer('odd', { name: 'a\u0000b\ud800' })]);

    expect(await estate.container('odd')).toMatchObject({ name: 'a\ufffdb\ufffd' });
  });
});

describe('a container gone before it could be inspected', () => {
  const brief = (change: Partial<ContainerObservation>): ContainerObservation => {
    const { startedAt: _, ...rest } = aContainer('brief', { state: 'removed' });
    return { ...rest, ...change };
  };

  it('gets its times from events in whatever batches they come', async () => {
    const estate = aConnection();
    const [made, started, ended] = [minute(1), minute(2), minute(3)].map((at) => at.toISOString());
    await estate.events(minute(4), [aHost(), brief({ createdAt: made ?? '' })]);

    await estate.events(minute(4), [brief({ startedAt: started ?? '' })]);
    await estate.events(minute(5), [brief({ endedAt: ended ?? '', exitCode: 3 })]);
    await estate.events(minute(6), [brief({})]);

    expect(await estate.container('brief')).toMatchObject({
      state: 'removed',
      created_at: minute(1),
      started_at: minute(2),
      ended_at: minute(3),
      exit_code: 3,
    });
  });

  it('counts as gone once', async () => {
    const estate = aConnection();
    const first = await estate.events(minute(4), [aHost(), brief({})]);

    const second = await estate.events(minute(5), [brief({ endedAt: minute(3).toISOString() })]);

    expect([first.gone, second.gone]).toEqual([1, 0]);
  });

  it('keeps what an inspection told before', async () => {
    const estate = aConnection();
    const facts = { ...aFacts, user: 'harbour' };
    await estate.events(minute(1), [aHost(), aContainer('brief', { facts, privileged: true })]);

    await estate.events(minute(2), [brief({ endedAt: minute(2).toISOString() })]);

    const kept = await estate.container('brief');
    expect(kept).toMatchObject({ state: 'removed', started_at: minute(0) });
    expect(kept['facts']).toMatchObject({ user: 'harbour' });
  });
});

const aFacts = {
  engineId: 'x',
  command: [],
  user: '',
  labels: {},
  ports: [],
  mounts: [],
  capabilitiesAdded: [],
  capabilitiesDropped: [],
  networks: [],
};

describe('events', () => {
  it('told again add nothing', async () => {
    const estate = aConnection();
    const at = minute(1).toISOString();
    const exec = {
      kind: 'event',
      key: 'k1',
      at,
      action: 'exec_start',
      hostKey: 'engine-1',
    } as const;
    await estate.events(minute(1), [aHost(), aContainer('a'), { ...exec, containerKey: 'a' }]);

    const again = await estate.events(minute(2), [aContainer('a'), { ...exec, containerKey: 'a' }]);

    const kept = await estate.rows(sql`
      select action from inventory.event where connection_id = ${estate.connectionId}`);
    expect(kept).toEqual([{ action: 'exec_start' }]);
    expect(again.lines).toBe('');
  });
});

describe('a tag', () => {
  it('is a pointer with a history', async () => {
    const estate = aConnection();
    const tag = (digest: string) =>
      ({ kind: 'tag', where: 'engine-1', name: 'ledger:1', digest }) as const;
    await estate.read([minute(1), minute(2)], [aHost(), tag('sha256:a')]);
    const moved = await estate.read([minute(3), minute(4)], [aHost(), tag('sha256:b')]);
    await estate.read([minute(5), minute(6)], [aHost()]);

    const history = await estate.rows(sql`
      select digest, from_at, to_at from inventory.tag
      where connection_id = ${estate.connectionId} order by from_at`);
    expect(moved.changed).toBe(1);
    expect(history).toEqual([
      { digest: 'sha256:a', from_at: minute(2), to_at: minute(4) },
      { digest: 'sha256:b', from_at: minute(4), to_at: minute(6) },
    ]);
  });
});

describe('an image', () => {
  const pagesOf = async (digest: string) => {
    const found = await sql<{ image_id: string }>`
      select distinct image_id from inventory.image_digest where digest = ${digest}`.execute(
      database.kysely,
    );
    return found.rows.map((row) => row.image_id);
  };

  it('met by two connections is one page, whichever digest each knows', async () => {
    const [config, manifest] = [digestOf('one config'), digestOf('one manifest')];
    const both = { configDigest: config, manifestDigests: [manifest] };
    await aConnection().read([minute(1), minute(2)], [aHost(), anImage(config, both)]);

    const { configDigest: _, ...rest } = anImage(manifest, { manifestDigests: [manifest] });
    await aConnection().read([minute(3), minute(4)], [aHost(), rest]);

    expect(await pagesOf(manifest)).toHaveLength(1);
    expect(await pagesOf(config)).toEqual(await pagesOf(manifest));
  });

  it('of another platform below one index digest is another page', async () => {
    const index = { indexDigests: [digestOf('an index')] };
    const arm = anImage(digestOf('arm'), { ...index, platform: 'linux/arm64' });
    const amd = anImage(digestOf('amd'), { ...index, platform: 'linux/amd64' });

    await aConnection().read([minute(1), minute(2)], [aHost(), arm, amd]);

    expect(await pagesOf(digestOf('an index'))).toHaveLength(2);
  });

  it('gone from one of its places stays at the other', async () => {
    const estate = aConnection();
    const digest = digestOf('two places');
    const [quay, pier] = ['quay', 'pier'].map((where) => anImage(digest, { where }));
    await estate.read([minute(1), minute(2)], [quay, pier] as Observation[]);

    await estate.read([minute(3), minute(4)], [quay] as Observation[]);

    const places = await estate.rows(sql`
      select place, gone_at from inventory.image_place
      where connection_id = ${estate.connectionId} order by place`);
    expect(places).toEqual([
      { place: 'pier', gone_at: minute(4) },
      { place: 'quay', gone_at: null },
    ]);
  });

  it('read by many connections at once, in any order, is one page each', async () => {
    const digests = Array.from({ length: 40 }, (_, n) => digestOf(`shared ${n} image`));
    const images = digests.map((digest) => {
      const { configDigest: _, ...rest } = anImage(digest, { manifestDigests: [digest] });
      return rest;
    });
    const readings = [images, images.toReversed(), images, images.toReversed()];

    await Promise.all(
      readings.map((batch) => aConnection().read([minute(1), minute(2)], [aHost(), ...batch])),
    );

    for (const digest of digests) expect(await pagesOf(digest)).toHaveLength(1);
  });
});

describe('a reading of 5,000 containers', () => {
  it('takes few statements, and none the second time but to look', async () => {
    const estate = aConnection();
    const containers = Array.from({ length: 5000 }, (_, n) =>
      aContainer(`c${n}`, { facts: aFacts }),
    );
    await estate.events(minute(1), [aHost()]);
    const count = async (at: Date) => {
      const recorder = new Recorder({ connectionId: estate.connectionId, sample: false, at, ids });
      let statements = 0;
      await inTransaction(database, async (trx) => {
        const counted = trx.withPlugin({
          transformQuery: ({ node }) => {
            statements += 1;
            return node;
          },
          transformResult: async ({ result }) => result,
        });
        await recorder.record(counted, containers);
      });
      return { statements, appeared: recorder.changes().appeared };
    };

    expect(await count(minute(2))).toEqual({ statements: 8, appeared: 5000 });
    expect(await count(minute(3))).toEqual({ statements: 4, appeared: 0 });
  });
});
