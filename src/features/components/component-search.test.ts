import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Signed, type TestApp, testApp } from '../../../test/harness/app.ts';
import { componentsEndpoints as endpoints } from './components-contract.ts';

const versions = 400;

describe('component search', () => {
  let world: TestApp;
  let owner: Signed;
  beforeAll(async () => {
    world = await testApp({ isStarted: false, hasJobs: false });
    owner = await world.signInAs('owner');
    const db = world.database.kysely;
    // Two images; the first holds everything, the second what has an even number.
    await sql`
      insert into inventory.image (id, name, config_digest, first_seen_at)
      select gen_random_uuid(), 'image ' || n, 'sha256:' || n, now()
      from generate_series(1, 2) n`.execute(db);
    await sql`
      insert into components.component
        (id, purl, purl_sha256, type, name, version, first_seen_at)
      select gen_random_uuid(), purl, sha256(purl::bytea), type, name, version, now()
      from (select format('pkg:%s/%s@%s', type, name, version) as purl, *
        from (select 'npm' as type, 'lodash' as name, format('4.%s.0', n) as version
              from generate_series(1, ${versions}) n
              union all values ('npm', 'lodash.merge', '4.6.2'), ('npm', 'my-lodash', '1.0.0'),
                ('deb', 'liblodash', '4.9.0'), ('npm', 'Lodash', '9.0.0')) c) d`.execute(db);
    await sql`
      insert into components.image_component
      select i.number, c.number from inventory.image i, components.component c
      where i.name = 'image 1' or c.number % 2 = 0`.execute(db);
  });

  const search = (query: NonNullable<Parameters<typeof ask>[0]>) => ask(query);
  const ask = async (query: {
    q?: string;
    version?: string;
    type?: string;
    running?: string;
    limit?: number;
    cursor?: string;
  }) => owner.call(endpoints.searchComponents, { query });

  const all = async (query: Parameters<typeof ask>[0]) => {
    const found: string[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const page = await search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.items.map((row) => `${row.name}@${row.version}`));
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined);
    return { found, pages };
  };

  it('has the exact name first, then what begins with it, then what holds it', async () => {
    const { found } = await all({ q: 'lodash', limit: 200 });
    const names = [...new Set(found.map((one) => one.split('@')[0]))];

    expect(new Set(names.slice(0, 2))).toEqual(new Set(['Lodash', 'lodash']));
    expect(names.slice(2)).toEqual(['lodash.merge', 'liblodash', 'my-lodash']);
    expect(found).toHaveLength(versions + 4);
    expect(new Set(found).size).toBe(found.length);
  });

  it('takes a package URL at its word', async () => {
    const exact = await all({ q: 'pkg:npm/lodash.merge' });
    const version = await all({ q: 'pkg:npm/lodash@4.7.0' });
    const every = await all({ q: 'pkg:npm/lodash', limit: 200 });

    expect(exact.found).toEqual(['lodash.merge@4.6.2']);
    expect(version.found).toEqual(['lodash@4.7.0']);
    expect(every.found.filter((one) => !/^lodash@/i.test(one))).toEqual([]);
  });

  it.each([
    ['<4.3', 2],
    ['>=4.10 <4.20', 10],
    ['4.399.0', 1],
    ['>9', 0],
  ])('in the range %s finds them all, whatever the page', async (version, count) => {
    for (const limit of [1, 3, 200]) {
      const { found, pages } = await all({ q: 'pkg:npm/lodash', type: 'npm', version, limit });
      const ours = found.filter((one) => one.startsWith('lodash@'));

      expect(ours).toHaveLength(count);
      expect(pages).toBeLessThanOrEqual(count + 2);
    }
  });

  it('counts the images that hold each, and says which', async () => {
    const { items } = await search({ q: 'pkg:npm/lodash@4.7.0' });
    const id = items[0]?.id ?? '';
    const images = await owner.call(endpoints.listComponentImages, { params: { id } });
    const { rows } = await world.database.pool.query(
      `select from components.image_component e join components.component c
       on c.number = e.component_number where c.id = $1`,
      [id],
    );

    expect(items[0]?.images).toBe(rows.length);
    expect(images.items).toHaveLength(rows.length);
  });

  it('counts by type on the first page only', async () => {
    const first = await search({ q: 'lodash', limit: 1 });
    const second = await search({ q: 'lodash', limit: 1, cursor: first.next ?? '' });

    expect(first.types).toEqual([
      { type: 'npm', count: versions + 3 },
      { type: 'deb', count: 1 },
    ]);
    expect(second.types).toBeUndefined();
  });

  it('takes the signs of a pattern as they are', async () => {
    expect((await search({ q: '%' })).items).toEqual([]);
    expect((await search({ q: 'lodash_merge' })).items).toEqual([]);
    expect((await search({ q: 'pkg:' })).items).toEqual([]);
  });
});
