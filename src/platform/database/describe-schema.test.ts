import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testDatabase } from '../../../test/harness/database.ts';
import { describeSchema } from './describe-schema.ts';
import { MIGRATIONS_FOLDER } from './migrate.ts';

it('migrations/schema.sql says what the migrations make (else run: bin/node tools/dump-schema.ts)', async () => {
  const database = await testDatabase();

  const committed = readFileSync(join(MIGRATIONS_FOLDER, 'schema.sql'), 'utf8');

  expect(await describeSchema(database)).toEqual(committed);
});

it('a change of any kind of thing shows in the description', async () => {
  const database = await testDatabase();
  const before = await describeSchema(database);
  await database.pool.query(`
    create type platform.mood as enum ('calm', 'cross');
    create table platform.berth (
      id int generated always as identity primary key, mood platform.mood);
    create index berth_mood on platform.berth (mood);
    create view platform.calm_berth as select id from platform.berth where mood = 'calm';
    create function platform.twice(n int) returns int language sql as 'select n * 2';`);

  const added = (await describeSchema(database)).split('\n').filter((l) => !before.includes(l));

  expect(added.join('\n')).toMatch(
    /mood as enum[^]*table platform.berth[^]*_pkey[^]*index berth_mood[^]*calm_berth[^]*twice/i,
  );
});
