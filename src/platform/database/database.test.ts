import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { testDatabase } from '../../../test/harness/database.ts';
import { checkDatabase, inTransaction, openDatabase, tables } from './database.ts';
import { listAppliedMigrations, migrate, readMigrations } from './migrate.ts';

type SettingTables = {
  'platform.setting': { key: string; value: unknown };
};

const database = await testDatabase();

function keep(key: string) {
  return { key, value: JSON.stringify(key) };
}

async function keptKeys(): Promise<string[]> {
  const rows = await tables<SettingTables>(database.kysely)
    .selectFrom('platform.setting')
    .select('key')
    .orderBy('key')
    .execute();
  return rows.map((row) => row.key);
}

describe('a transaction', () => {
  it('keeps everything when its work is done, and nothing when it fails', async () => {
    await inTransaction(database, async (transaction) => {
      const db = tables<SettingTables>(transaction);
      await db.insertInto('platform.setting').values(keep('kept')).execute();
    });
    const failed = inTransaction(database, async (transaction) => {
      const db = tables<SettingTables>(transaction);
      await db.insertInto('platform.setting').values(keep('lost')).execute();
      throw new Error('half way');
    });

    await expect(failed).rejects.toThrow('half way');
    expect(await keptKeys()).toEqual(['kept']);
  });
});

describe('a connection that breaks in the middle of a transaction', () => {
  it('fails that transaction alone', async () => {
    const broken = inTransaction(database, async (transaction) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(
        transaction,
      );
      await database.pool.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
      // Idle while the news arrives, as a slice is between two statements.
      await new Promise((resolve) => setTimeout(resolve, 50));
      await sql`select 1`.execute(transaction);
    });

    await expect(broken).rejects.toThrow();
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('values from the database', () => {
  it('are numbers for bigint, text for dates without time, and exact or refused', async () => {
    const result = await sql<Record<string, unknown>>`
      select count(*) as n, 9007199254740991::int8 as largest, date '2026-02-28' as day`.execute(
      database.kysely,
    );

    expect(result.rows).toEqual([{ n: 1, largest: 9007199254740991, day: '2026-02-28' }]);
    await expect(sql`select 9007199254740992::int8`.execute(database.kysely)).rejects.toThrow(
      '2^53',
    );
  });

  it('sort by code point, whatever the locale of the machine', async () => {
    const result = await sql<{ word: string }>`
      select word from (values ('b'), ('A'), ('a'), ('B')) as words(word) order by word`.execute(
      database.kysely,
    );

    expect(result.rows.map((row) => row.word)).toEqual(['A', 'B', 'a', 'b']);
  });
});

describe('an address where nothing answers', () => {
  it('is refused in one sentence that shows no password', async () => {
    const absent = openDatabase('postgresql://someone:hunter2@127.0.0.1:1/wharfinger');

    await expect(checkDatabase(absent, '127.0.0.1:1')).rejects.toThrow(
      'The database at 127.0.0.1:1 does not answer (ECONNREFUSED): check --database-url or DATABASE_URL.',
    );
    await absent.close();
  });
});

describe('migrations', () => {
  it('have all been applied to the template, and apply once only', async () => {
    expect(await listAppliedMigrations(database)).toEqual(
      readMigrations().map((file) => file.name),
    );
    expect(await migrate(database)).toEqual([]);
  });

  it('apply all or none', async () => {
    const files = [
      ...readMigrations(),
      { name: '29990101-0000-good', sql: 'create table platform.good (id int)' },
      { name: '29990101-0001-bad', sql: 'create tabel platform.bad (id int)' },
    ];

    await expect(migrate(database, files)).rejects.toThrow('29990101-0001-bad');
    expect(await listAppliedMigrations(database)).not.toContain('29990101-0000-good');
  });

  it('refuse data that a newer version wrote', async () => {
    const newer = await testDatabase();
    await migrate(newer, [...readMigrations(), { name: '29990101-0000-later', sql: 'select 1' }]);

    await expect(migrate(newer)).rejects.toThrow(
      'The data was written by a newer version of Wharfinger',
    );
  });

  it('run once when two servers start together on an empty database', async () => {
    const empty = await testDatabase({ content: 'empty' });

    const applied = await Promise.all([migrate(empty), migrate(empty)]);

    expect(applied.flat().toSorted()).toEqual(readMigrations().map((file) => file.name));
  });
});
