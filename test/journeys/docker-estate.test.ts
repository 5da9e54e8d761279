import { beforeAll, describe, expect, it } from 'vitest';
import { connectionsEndpoints } from '../../src/features/connections/connections-contract.ts';
import { inventoryEndpoints } from '../../src/features/inventory/inventory-contract.ts';
import { eventually, type Signed, type TestApp, testApp } from '../harness/app.ts';
import {
  askEngine,
  engineSocket,
  provideTinyImage,
  removeContainer,
  startContainer,
  tarOfTinyRoot,
} from '../harness/docker.ts';
import { describeWith } from '../harness/parts.ts';

// How many containers the burst starts: as many as an engine on two busy cores can in seconds.
const burstSize = Number(process.env['WHARFINGER_BURST'] ?? 60);
const burstSeconds = 60 + burstSize;
const atOnce = 8;

describeWith(['dockerd', 'busybox'], 'the estate of a real engine', () => {
  let world: TestApp;
  let owner: Signed;
  let connectionId: string;

  const rowsOf = async (q: string, state: 'running' | 'ended' | 'all' = 'all') => {
    const query = { q, state, connection: connectionId, limit: 200 };
    return (await owner.call(inventoryEndpoints.listContainers, { query })).items;
  };
  const passportOf = async (id: string) => {
    const [row] = await rowsOf(id);
    if (row === undefined) return undefined;
    return owner.call(inventoryEndpoints.getContainer, { params: { id: row.id } });
  };

  beforeAll(async () => {
    await provideTinyImage();
    world = await testApp();
    owner = await world.signInAs('owner');
    const settings = { address: `unix://${engineSocket()}` };
    const body = { kind: 'docker', name: 'wharf', settings };
    const made = await owner.call(connectionsEndpoints.createConnection, { body });
    connectionId = made.id;
    await eventually('the first reading is done', async () => {
      const params = { id: connectionId };
      const now = await owner.call(connectionsEndpoints.getConnection, { params });
      return now.state === 'fresh';
    });
  });

  it('says what answers before anything is kept', async () => {
    const settings = { address: `unix://${engineSocket()}` };
    const body = { kind: 'docker', settings };
    const tested = await owner.call(connectionsEndpoints.testConnection, { body });

    expect(tested).toMatchObject({ ok: true, found: expect.stringContaining('Docker Engine') });
    expect(tested.plan?.map(({ name }) => name)).toEqual(['containers', 'images']);
  });

  it('shows a container with all the engine says of it', async () => {
    const labels = { 'org.example.team': 'quay', 'odd\u0000label': 'kept' };
    const { id } = await startContainer({
      labels,
      body: {
        User: '65534:65534',
        ExposedPorts: { '8080/tcp': {} },
        HostConfig: {
          Privileged: true,
          NetworkMode: 'none',
          CapAdd: ['SYS_TIME'],
          CapDrop: ['CHOWN'],
          Binds: ['/tmp:/berth:ro'],
          PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '18080' }] },
          RestartPolicy: { Name: 'on-failure' },
        },
      },
    });

    const seen = await eventually('it shows', () => passportOf(id));
    await removeContainer(id);

    expect(seen).toMatchObject({ state: 'running', privileged: true, exposed: false });
    expect(seen.imageName).toContain('wharfinger-test/tiny');
    expect(seen.facts).toMatchObject({
      engineId: id,
      user: '65534:65534',
      labels: { 'org.example.team': 'quay', 'odd\ufffdlabel': 'kept' },
      capabilitiesAdded: ['SYS_TIME'],
      capabilitiesDropped: ['CHOWN'],
      mounts: [{ kind: 'bind', source: '/tmp', target: '/berth', writable: false }],
      ports: [{ container: '8080/tcp', host: '18080', address: '127.0.0.1' }],
      restartPolicy: 'on-failure',
      networkMode: 'none',
    });
  });

  it('shows what started and what ended, as it happens', async () => {
    const { id } = await startContainer({ body: { HostConfig: { NetworkMode: 'none' } } });
    const [running] = await eventually('it runs', async () => {
      const rows = await rowsOf(id, 'running');
      return rows.length > 0 && rows;
    });
    await askEngine('POST', `/containers/${id}/kill`);
    const ended = await eventually('it ended', async () => {
      const passport = await passportOf(id);
      return passport?.state === 'exited' && passport;
    });
    await removeContainer(id);
    const removed = await eventually('it is gone', async () => {
      const passport = await passportOf(id);
      return passport?.state === 'removed' && passport;
    });

    expect(running?.startedAt).toBeDefined();
    expect(ended.endedAt).toBeDefined();
    expect(removed.goneAt).toBeDefined();
  });

  it('keeps exec, copy and commit as events', async () => {
    const { id } = await startContainer({ body: { HostConfig: { NetworkMode: 'none' } } });
    const exec = await askEngine<{ Id: string }>('POST', `/containers/${id}/exec`, {
      Cmd: ['/bin/true'],
    });
    await askEngine('POST', `/exec/${exec.Id}/start`, { Detach: true });
    await askEngine('PUT', `/containers/${id}/archive?path=/tmp`, await tarOfTinyRoot());
    await askEngine('GET', `/containers/${id}/archive?path=/etc`);
    const image = await askEngine<{ Id: string }>('POST', `/commit?container=${id}`, {});

    const kinds = await eventually('all are kept', async () => {
      const passport = await passportOf(id);
      if (passport === undefined) return undefined;
      const call = { params: { id: passport.id }, query: { limit: 100 } };
      const { items } = await owner.call(inventoryEndpoints.listContainerEvents, call);
      const seen = new Set(items.map((event) => event.kind));
      return seen.has('commit') && seen;
    });
    await removeContainer(id);
    await askEngine('DELETE', `/images/${image.Id}`);

    expect([...kinds]).toEqual(
      expect.arrayContaining(['exec_create', 'exec_start', 'extract-to-dir', 'archive-path']),
    );
  });

  it(`misses none of ${burstSize} started in a burst, half gone within a second`, {
    timeout: burstSeconds * 2_000,
  }, async () => {
    const names = Array.from({ length: burstSize }, (_, n) => `burst-${process.pid}-${n}`);
    const waiting = [...names];
    const isBrief = (name: string) => Number(name.split('-').at(-1)) % 2 === 1;
    const starter = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const brief = isBrief(name);
        await startContainer({
          name,
          command: brief ? ['/bin/true'] : ['/bin/sleep', '600'],
          body: { HostConfig: { NetworkMode: 'none', AutoRemove: brief } },
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, starter));

    const seen = await eventually(
      'all of them are there with their times',
      async () => {
        const rows = await burstRows();
        const isWhole = (row: (typeof rows)[number]) =>
          row.startedAt !== undefined &&
          (isBrief(row.name) ? row.state === 'removed' && row.endedAt : row.state === 'running');
        return rows.length === burstSize && rows.every(isWhole) && rows;
      },
      burstSeconds,
    );
    await Promise.all(names.filter((name) => !isBrief(name)).map(removeContainer));

    expect(seen.map((row) => row.name).sort()).toEqual(names.sort());
  });

  const burstRows = async () => {
    const rows: Awaited<ReturnType<typeof rowsOf>> = [];
    let cursor: string | undefined;
    do {
      const query = { q: `burst-${process.pid}-`, state: 'all', limit: 200, cursor } as const;
      const page = await owner.call(inventoryEndpoints.listContainers, { query });
      rows.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return rows;
  };

  it('proves each reading: its evidence holds what changed', async () => {
    const params = { id: connectionId };
    const { items } = await owner.call(connectionsEndpoints.listSyncs, { params, query: {} });

    expect(items.every((sync) => sync.evidenceId !== undefined || sync.state === 'running')).toBe(
      true,
    );
    expect(items.at(-1)?.changes.appeared).toBeGreaterThan(0);
  });
});

describe('an address where no engine answers', () => {
  let world: TestApp;
  let owner: Signed;
  beforeAll(async () => {
    world = await testApp();
    owner = await world.signInAs('owner');
  });
  const test = (address: string) =>
    owner.call(connectionsEndpoints.testConnection, {
      body: { kind: 'docker', settings: { address } },
    });

  it('is explained in a sentence', async () => {
    expect(await test('unix:///nowhere/docker.sock')).toEqual({
      ok: false,
      message:
        'The Docker Engine at unix:///nowhere/docker.sock cannot be reached: there is no socket at that path.',
    });
  });

  it.each(['tcp://169.254.169.254:80', 'tcp://[fe80::1]:2375', 'tcp://[::ffff:169.254.1.1]:80'])(
    'is not called when link-local: %s',
    async (address) => {
      expect(await test(address)).toMatchObject({
        ok: false,
        message: expect.stringContaining('link-local'),
      });
    },
  );
});
