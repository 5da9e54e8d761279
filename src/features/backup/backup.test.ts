import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../../../test/harness/database.ts';
import { otherPostgresFolder, startOtherPostgres } from '../../../test/harness/other-postgres.ts';
import { describeWith } from '../../../test/harness/parts.ts';
import { type Database, openDatabase } from '../../platform/database/database.ts';
import { migrate, readMigrations } from '../../platform/database/migrate.ts';
import { findSetting } from '../../platform/setting.ts';
import { checkBackup, restoreBackup, writeBackup } from './backup.ts';

// Everything a slice's tables may have that makes loading them in the wrong order or the wrong way
// fail.
const HARBOUR = `
  create schema harbour;
  create type harbour.state as enum ('free', 'taken');
  create table harbour.ship (
    id bigint generated always as identity primary key,
    berth_id int,
    sister_id bigint references harbour.ship (id),
    name text not null,
    name_length int generated always as (length(name)) stored,
    cargo bytea, seen timestamptz, tags text[], facts jsonb, weight numeric, ratio float8);
  create table harbour.berth (
    id int primary key, ship_id bigint references harbour.ship (id),
    state harbour.state not null default 'free');
  alter table harbour.ship add foreign key (berth_id) references harbour.berth (id);
  create table harbour.log (at timestamptz not null, line text) partition by range (at);
  create table harbour.log_rest partition of harbour.log default;
  create materialized view harbour.taken as select id from harbour.berth where state = 'taken';
  create function harbour.refuse() returns trigger language plpgsql as
    $$ begin raise exception 'Nobody writes here.'; end $$;
  create trigger refuse before insert on harbour.berth
    for each row when (new.id > 1000) execute function harbour.refuse();`;

const migrations = [...readMigrations(), { name: '29990101-0000-harbour', sql: HARBOUR }];
const folder = mkdtempSync(join(tmpdir(), 'backup-'));
const source = await testDatabase({ content: 'empty' });

async function backUp(database: Database, file: string, keyFile?: string) {
  const handle = await open(file, 'w');
  try {
    return await writeBackup(database, {
      version: '0.1.0',
      madeAt: new Date('2026-01-01T00:00:00Z'),
      keyFile,
      write: async (bytes) => void (await handle.write(bytes)),
    });
  } finally {
    await handle.close();
  }
}

async function restore(database: Database, file: string) {
  const handle = await open(file, 'r');
  try {
    const backup = await checkBackup(handle);
    await restoreBackup(database, backup, { restoredAt: new Date(), migrations });
    return backup;
  } finally {
    await handle.close();
  }
}

/** Every row of every table as text, by the database's own printing. */
async function contentsOf(database: Database): Promise<Record<string, unknown>> {
  const { rows } = await database.pool.query<{ name: string }>(`
    select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = relnamespace
    where relkind in ('r', 'm') and (nspname = 'harbour' or c.oid = 'platform.installation'::regclass)
    order by 1`);
  const contents: Record<string, unknown> = {};
  for (const { name } of rows) {
    const result = await database.pool.query(
      `select count(*) as rows, md5(string_agg(t::text, ',' order by t::text)) as digest from ${name} t`,
    );
    contents[name] = result.rows[0];
  }
  return contents;
}

beforeAll(async () => {
  await migrate(source, migrations);
  const hostile = ['\\N', '\\.', 'a\tb\nc\rd', "'; drop table x; --", '⚓ \u{1F6A2}', '"', ''];
  for (const name of hostile) {
    await source.pool.query(
      `insert into harbour.ship (name, cargo, seen, tags, facts, weight, ratio)
       values ($1, $2, '2026-03-29 01:59:59.123456+01', array[$1, null], $3, '0.1000', 'NaN')`,
      [name, Buffer.from([0, 1, 92, 255]), JSON.stringify({ name })],
    );
  }
  // Over one piece, so that rows are cut in two.
  await source.pool.query(`
    insert into harbour.ship (name, cargo)
      select 'ship ' || n, sha256(n::text::bytea) from generate_series(1, 60000) n;
    insert into harbour.berth select n, n, 'taken' from generate_series(1, 1000) n;
    update harbour.ship set berth_id = id, sister_id = 60007 - id where id <= 1000;
    alter table harbour.berth disable trigger user;
    insert into harbour.berth values (1001, 1, 'free');
    alter table harbour.berth enable trigger user;
    insert into harbour.log select now(), n::text from generate_series(1, 10) n;
    refresh materialized view harbour.taken`);
  await backUp(source, join(folder, 'whole'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a backup', () => {
  it('restored into an empty database is the same, row for row', async () => {
    const target = await testDatabase({ content: 'empty' });

    await restore(target, join(folder, 'whole'));

    expect(await contentsOf(target)).toEqual(await contentsOf(source));
  });

  it('leaves rules in force: references, triggers, numbers that go on', async () => {
    const target = await testDatabase({ content: 'empty' });
    await restore(target, join(folder, 'whole'));
    const run = (text: string) => target.pool.query(text);

    await expect(run('insert into harbour.berth values (1002, 1)')).rejects.toThrow('Nobody');
    await expect(run('update harbour.ship set berth_id = -1')).rejects.toThrow('foreign key');
    const { rows } = await run(`insert into harbour.ship (name) values ('next') returning id`);
    expect(rows[0].id).toBe(60008);
  });

  it('is of one moment, though rows are written meanwhile', async () => {
    const pairs = await testDatabase({ content: 'empty' });
    await migrate(pairs, migrations);
    let isDone = false;
    const writing = (async () => {
      for (let n = 1; !isDone; n++) {
        await pairs.pool.query(`
          with s as (insert into harbour.ship (name) values ('a') returning id)
          insert into harbour.log select now(), s.id::text from s`);
      }
    })();
    while ((await pairs.pool.query('select from harbour.log')).rowCount === 0);

    await backUp(pairs, join(folder, 'moving'));
    isDone = true;
    await writing;
    const target = await testDatabase({ content: 'empty' });
    await restore(target, join(folder, 'moving'));

    const { rows } = await target.pool.query(`
      select (select count(*) from harbour.ship) - (select count(*) from harbour.log) as difference,
        (select count(*) from harbour.ship) > 0 as some`);
    expect(rows).toEqual([{ difference: 0, some: true }]);
  });

  it('says which keys it needs, and holds them only when told to', async () => {
    const secrets = await testDatabase();
    await secrets.pool.query(
      `insert into platform.secret values (gen_random_uuid(), 'a', 'k1', '', '')`,
    );

    const without = await backUp(secrets, join(folder, 'without'));
    await backUp(secrets, join(folder, 'with'), '# key\n');
    const handle = await open(join(folder, 'with'), 'r');
    const read = await checkBackup(handle);
    await handle.close();

    expect(without.keysNeeded).toEqual(['k1']);
    expect(readFileSync(join(folder, 'without')).includes('keys/secret.key')).toBe(false);
    expect(read.keyFile).toBe('# key\n');
    expect(read.head.keys).toEqual({ needed: ['k1'], included: true });
  });

  it('leaves a note of the restore for those who must know', async () => {
    const target = await testDatabase({ content: 'empty' });
    await restore(target, join(folder, 'whole'));

    expect(await findSetting(target.kysely, 'restored')).toMatchObject({
      backupMadeAt: '2026-01-01T00:00:00.000Z',
      backupVersion: '0.1.0',
    });
  });

  it('made before a migration is brought forward by the restore', async () => {
    const later = { name: '29990102-0000-later', sql: 'create table harbour.later (id int)' };
    const target = await testDatabase({ content: 'empty' });
    const handle = await open(join(folder, 'whole'), 'r');

    await restoreBackup(target, await checkBackup(handle), {
      restoredAt: new Date(),
      migrations: [...migrations, later],
    });
    await handle.close();

    expect((await target.pool.query('select from harbour.later')).rowCount).toBe(0);
  });
});

describe('a restore is refused and leaves nothing', () => {
  it('when the database is in use', async () => {
    await expect(restore(source, join(folder, 'whole'))).rejects.toThrow('into an empty one');
  });

  it('when this version does not know a migration of the backup', async () => {
    const target = await testDatabase({ content: 'empty' });
    const handle = await open(join(folder, 'whole'), 'r');
    const backup = await checkBackup(handle);
    await handle.close();

    const restoring = restoreBackup(target, backup, {
      restoredAt: new Date(),
      migrations: readMigrations(),
    });

    await expect(restoring).rejects.toThrow('restore with that version or a newer one');
  });

  it('when the rows break a rule of the schema', async () => {
    const target = await testDatabase({ content: 'empty' });
    const broken = await testDatabase({ content: 'empty' });
    await migrate(broken, migrations);
    await broken.pool.query(`
      alter table harbour.ship drop constraint ship_berth_id_fkey;
      insert into harbour.ship (name, berth_id) values ('adrift', 77)`);
    await backUp(broken, join(folder, 'broken'));

    await expect(restore(target, join(folder, 'broken'))).rejects.toThrow('foreign key');
    const { rows } = await target.pool.query(
      `select nspname from pg_namespace where nspname in ('harbour', 'platform')`,
    );
    expect(rows).toEqual([]);
  });

  it('when any byte of the file changed or its end is missing', async () => {
    const small = await testDatabase();
    await backUp(small, join(folder, 'small'));
    const bytes = readFileSync(join(folder, 'small'));
    const check = async (changed: Buffer): Promise<string> => {
      const file = join(folder, 'changed');
      writeFileSync(file, changed);
      const handle = await open(file, 'r');
      try {
        const { head, contents } = await checkBackup(handle);
        return JSON.stringify({ head, contents });
      } catch (error) {
        return (error as Error).message;
      } finally {
        await handle.close();
      }
    };
    const whole = await check(bytes);
    expect(whole).toContain('"head"');
    // The last blocks of a tar are padding and mean nothing.
    const end = bytes.lastIndexOf('}\n') + 2;
    await fc.assert(
      fc.asyncProperty(fc.nat(end - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ bits;
        // Padding, and the blank after a checksum, carry nothing: then it reads exactly the same.
        const says = await check(changed);
        if (says !== whole) expect(says).toMatch(/^The (backup|file) .+\.$/);
      }),
      { numRuns: 150 },
    );
    for (let length = 0; length < end; length += 509) {
      expect(await check(bytes.subarray(0, length))).toMatch(/^The (backup|file) .+\.$/);
    }
  });
});

const other = otherPostgresFolder();

describeWith(
  [{ part: 'other-postgres', isUsable: other !== undefined }],
  'PostgreSQL of another major version',
  () => {
    it('takes a backup of the bundled one, and gives one back, row for row', async () => {
      const server = await startOtherPostgres(other ?? '');
      const there = openDatabase(server.address);
      try {
        await restore(there, join(folder, 'whole'));
        expect(await contentsOf(there)).toEqual(await contentsOf(source));
        await backUp(there, join(folder, 'back'));
      } finally {
        await there.close();
        await server.stop();
      }
      const back = await testDatabase({ content: 'empty' });
      await restore(back, join(folder, 'back'));

      expect(await contentsOf(back)).toEqual(await contentsOf(source));
    });
  },
);
