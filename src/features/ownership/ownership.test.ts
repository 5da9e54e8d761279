import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Signed, type TestApp, testApp } from '../../../test/harness/app.ts';
import type { ContainerObservation } from '../../model/observation.ts';
import { fitsPattern } from '../../model/owner-rule.ts';
import { createIds } from '../../platform/clock.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { connectionsEndpoints } from '../connections/connections-contract.ts';
import { Recorder } from '../inventory/inventory.ts';
import { inventoryEndpoints } from '../inventory/inventory-contract.ts';
import { ownershipEndpoints as endpoints } from './ownership-contract.ts';

describe('a pattern', () => {
  // The oracle is a regular expression: each star any run of characters, all else itself.
  const oracle = (pattern: string, text: string): boolean => {
    const quoted = pattern.split('*').map((piece) => piece.replace(/[\\^$.|?+()[\]{}/-]/g, '\\$&'));
    return new RegExp(`^${quoted.join('[^]*')}$`).test(text);
  };
  const words = (letters: string) =>
    fc.string({ unit: fc.constantFrom(...letters.split('')), maxLength: 12 });

  it('fits what the same regular expression fits', () => {
    const pattern = words('ab*/.');
    const text = words('ab/.');
    fc.assert(
      fc.property(pattern, text, (one, other) => fitsPattern(one, other) === oracle(one, other)),
      { numRuns: 5000 },
    );
  });

  it('of many stars over a long text ends at once', () => {
    expect(fitsPattern(`${'*a'.repeat(150)}b`, 'a'.repeat(100_000))).toBe(false);
  });
});

describe('owner rules', () => {
  let world: TestApp;
  let owner: Signed;
  let connectionId: string;
  const teams: Record<string, string> = {};

  beforeAll(async () => {
    world = await testApp();
    owner = await world.signInAs('owner');
    const settings = { address: 'unix:///nowhere/docker.sock' };
    const body = { kind: 'docker', name: 'wharf', settings };
    connectionId = (await owner.call(connectionsEndpoints.createConnection, { body })).id;
    await seed(
      ['web', 'shop/web:1', { team: 'quay' }],
      ['db', 'shop/db:1', {}],
      ['odd', 'x/y', {}],
    );
    for (const name of ['quay', 'pier']) {
      teams[name] = (await owner.call(endpoints.createTeam, { body: { name, memberIds: [] } })).id;
    }
  });

  async function seed(...given: [string, string, Record<string, string>][]) {
    const at = new Date();
    const ids = createIds();
    const recorder = new Recorder({ connectionId, sample: false, at, ids });
    const host = { kind: 'host', key: 'h', name: 'h', engine: 'e', facts: {} } as const;
    const containers = given.map(
      ([name, imageName, labels]): ContainerObservation => ({
        kind: 'container',
        key: randomUUID(),
        hostKey: 'h',
        name,
        imageName,
        state: 'running',
        workload: { kind: 'container', key: `name:${name}`, name },
        facts: {
          engineId: 'e',
          command: [],
          user: '',
          labels,
          ports: [],
          mounts: [],
          capabilitiesAdded: [],
          capabilitiesDropped: [],
          networks: [],
        },
      }),
    );
    await inTransaction(world.database, (trx) => recorder.record(trx, [host, ...containers]));
  }

  const rule = (condition: object, team: string) => ({
    condition,
    owner: { kind: 'team' as const, id: teams[team] ?? '' },
  });
  const replace = (...rules: ReturnType<typeof rule>[]) =>
    owner.call(endpoints.replaceOwnerRules, { body: { rules } });
  const owners = async () => {
    const query = { limit: 100, sort: 'name' } as const;
    const { items } = await owner.call(inventoryEndpoints.listContainers, { query });
    return Object.fromEntries(items.map((row) => [row.name, row.owner?.name]));
  };

  it('give a workload to the first rule that fits, and say which', async () => {
    await replace(rule({ label: 'team=qu*' }, 'quay'), rule({ imagePath: 'shop/*' }, 'pier'));

    expect(await owners()).toEqual({ web: 'quay', db: 'pier', odd: undefined });
    await replace(rule({ imagePath: 'shop/*' }, 'pier'), rule({ label: 'team' }, 'quay'));
    expect(await owners()).toEqual({ web: 'pier', db: 'pier', odd: undefined });
    const { items, unowned } = await owner.call(endpoints.listOwnerRules);
    expect([items.map((one) => one.workloads), unowned]).toEqual([[2, 0], 1]);
  });

  it('hold together: every condition of a rule', async () => {
    await replace(rule({ imagePath: 'shop/*', namePattern: 'd*', connectionId }, 'quay'));

    expect(await owners()).toEqual({ web: undefined, db: 'quay', odd: undefined });
  });

  it('are previewed exactly as they are then applied', async () => {
    await replace(rule({ namePattern: 'web' }, 'quay'));
    const before = await owners();
    const rules = [rule({ namePattern: '*d*' }, 'pier'), rule({ label: 'team' }, 'pier')];

    const preview = await owner.call(endpoints.previewOwnerRules, { body: { rules } });
    const untouched = await owners();
    await replace(...rules);

    const after = await owners();
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(untouched).toEqual(before);
    expect(preview.changes.map((one) => one.workloadName).sort()).toEqual(changed.sort());
    for (const change of preview.changes) {
      expect([change.from, change.to]).toEqual([
        before[change.workloadName],
        after[change.workloadName],
      ]);
    }
  });

  it('are refused when they name nobody or say nothing', async () => {
    const nobody = rule({ namePattern: 'x' }, 'nowhere');

    await expect(replace(rule({}, 'quay'))).rejects.toMatchObject({ kind: 'invalid' });
    await expect(
      replace({ ...nobody, owner: { kind: 'team', id: randomUUID() } }),
    ).rejects.toMatchObject({
      kind: 'invalid',
    });
  });

  it('keep a team they name from being removed', async () => {
    await replace(rule({ namePattern: 'web' }, 'quay'));

    const remove = () => owner.call(endpoints.removeTeam, { params: { id: teams['quay'] ?? '' } });

    await expect(remove()).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('name a team by its new name, and two teams never the same', async () => {
    await replace(rule({ namePattern: 'web' }, 'pier'));
    const params = { id: teams['pier'] ?? '' };

    const same = owner.call(endpoints.changeTeam, { params, body: { name: 'Quay' } });

    await expect(same).rejects.toMatchObject({ kind: 'conflict' });
  });
});
