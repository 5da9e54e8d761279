import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getPartPath } from '../../../test/harness/find-part.ts';
import { debianOciLayout, tinyOciLayout } from '../../../test/harness/images.ts';
import { describeWith } from '../../../test/harness/parts.ts';
import {
  registryPassword,
  registryUser,
  startRegistry,
  type TestRegistry,
} from '../../../test/harness/registry.ts';
import type { Observation } from '../../model/observation.ts';
import { systemClock } from '../../platform/clock.ts';
import { cataloguers } from '../../scan/cataloguers/list.ts';
import { noLayerCache } from '../../scan/layer-cache.ts';
import { LayerPool } from '../../scan/layer-pool.ts';
import { scanImage } from '../../scan/scan-image.ts';
import { registry as connector } from './registry.ts';
import { RegistryClient } from './registry-client.ts';
import { RegistrySettings } from './registry-settings.ts';

const context = () => ({ signal: new AbortController().signal, clock: systemClock });

async function push(layout: string, to: string, ...more: string[]): Promise<void> {
  const options = ['--insecure-policy', 'copy', '--dest-tls-verify=false', ...more];
  const copy = [...options, `oci:${layout}`, `docker://${to}`];
  await promisify(execFile)(getPartPath('skopeo'), copy);
}

async function readAll(settings: Record<string, unknown>) {
  const session = await connector.open(context(), RegistrySettings.parse(settings));
  const seen: Observation[] = [];
  const parts = new Map<string, number>();
  try {
    const outcome = await session.read({
      observe: async (batch) => void seen.push(...batch),
      progress: (part, done) => void parts.set(part, done),
    });
    const names = (kind: Observation['kind']) =>
      seen.flatMap((one) => (one.kind === kind && 'name' in one ? [one.name] : [])).sort();
    return { ...outcome, seen, names, parts };
  } finally {
    await session.close();
  }
}

describeWith(['docker-registry', 'openssl', 'skopeo', 'umoci', 'busybox'], 'a registry', () => {
  let open: TestRegistry;
  beforeAll(async () => {
    open = await startRegistry();
    const tiny = await tinyOciLayout();
    await push(tiny, `${open.host}/payments/ledger:1.4`);
    await push(tiny, `${open.host}/payments/ledger:1.5`);
    await push(tiny, `${open.host}/shop/web:latest`);
  });
  afterAll(() => open.stop());

  it('shows its repositories, tags and images, each image once', async () => {
    const { names, seen, problems, complete } = await readAll({ address: open.url });

    expect(problems).toEqual([]);
    expect([...complete].sort()).toEqual(['image', 'repository', 'tag']);
    expect(names('repository')).toEqual([`${open.host}/payments/ledger`, `${open.host}/shop/web`]);
    expect(names('tag')).toEqual([
      `${open.host}/payments/ledger:1.4`,
      `${open.host}/payments/ledger:1.5`,
      `${open.host}/shop/web:latest`,
    ]);
    const images = seen.filter((one) => one.kind === 'image');
    expect(images.map(({ where, tags }) => `${where} ${tags.length}`).sort()).toEqual([
      'payments/ledger 2',
      'shop/web 1',
    ]);
    expect(images[0]?.platform).toBe('linux/amd64');
    expect(images[0]?.configDigest).toMatch(/^sha256:/);
  });

  it('reads only the repositories and tags chosen, and counts the others', async () => {
    const settings = { address: open.url, repositories: 'payments/*', tags: ['*.5'] };
    const { names, parts } = await readAll(settings);

    expect(names('tag')).toEqual([`${open.host}/payments/ledger:1.5`]);
    expect(parts.get('left out: repositories')).toBe(1);
    expect(parts.get('left out: tags')).toBe(1);
  });

  it('says before a first sync what it would read', async () => {
    const settings = RegistrySettings.parse({ address: open.url, tags: '1.*' });
    const { found, plan } = await connector.test(context(), settings);

    expect(found).toBe(`Container registry at ${open.host}`);
    const counts = Object.fromEntries(plan.map(({ name, count }) => [name, count]));
    const expected = { repositories: 2, tags: 2, images: 1, 'left out: tags': 1 };
    expect(counts).toEqual(expected);
    expect(plan.find(({ name }) => name === 'images')?.bytes).toBeGreaterThan(100_000);
  });

  it('names a repository that is gone as gone, and reads the others in full', async () => {
    const settings = { address: open.url, repositories: ['payments/ledger', 'payments/sold'] };
    const { names, problems, complete } = await readAll(settings);

    expect(names('repository')).toEqual([`${open.host}/payments/ledger`]);
    expect(problems).toEqual([]);
    expect(complete).toContain('image');
  });
});

describeWith(['docker-registry', 'openssl', 'skopeo', 'umoci', 'busybox'], 'sign-in', () => {
  let closed: TestRegistry;
  beforeAll(async () => {
    closed = await startRegistry({ signIn: true, tls: true });
    const credentials = `${registryUser}:${registryPassword}`;
    await push(await tinyOciLayout(), `${closed.host}/a/b:1`, '--dest-creds', credentials);
  });
  afterAll(() => closed.stop());

  it('opens to a user name and password under a private CA', async () => {
    const { names } = await readAll({
      address: closed.url,
      ca: closed.authority,
      username: registryUser,
      password: registryPassword,
    });
    expect(names('tag')).toEqual([`${closed.host}/a/b:1`]);
  });

  it('is reached through a proxy, whose certificate it is not', async () => {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':');
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const settings = { address: closed.url, username: registryUser, password: registryPassword };
    const trusted = RegistrySettings.parse({ ...settings, ca: closed.authority });
    const client = new RegistryClient(trusted, { ...context(), outbound: { environment } });
    const doubting = RegistrySettings.parse(settings);
    const stranger = new RegistryClient(doubting, { ...context(), outbound: { environment } });

    await client.ping();
    await expect(stranger.ping()).rejects.toThrow('give that CA');

    expect([...new Set(asked)]).toEqual([closed.host]);
    await Promise.all([client.close(), stranger.close()]);
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('says what is wrong: no password, a wrong one, an authority nobody knows', async () => {
    const trusted = { address: closed.url, ca: closed.authority };
    await expect(readAll(trusted)).rejects.toThrow('asks for a user name and password');
    const wrong = { ...trusted, username: registryUser, password: 'wrong' };
    await expect(readAll(wrong)).rejects.toThrow('refuses this user name and password');
    await expect(readAll({ address: closed.url })).rejects.toThrow('give that CA');
  });
});

const parts = ['docker-registry', 'openssl', 'skopeo', 'umoci', 'busybox', 'mmdebstrap'] as const;
describeWith(parts, 'cataloguing from a registry', () => {
  it('streams the layers and finds the packages', { timeout: 120_000 }, async () => {
    const open = await startRegistry();
    const pool = new LayerPool(2);
    const session = await connector.open(context(), RegistrySettings.parse({ address: open.url }));
    try {
      await push(await debianOciLayout(), `${open.host}/wharf/debian:12`);
      const images: Observation[] = [];
      await session.read({
        observe: async (batch) => void images.push(...batch),
        progress: () => {},
      });
      const image = images.find((one) => one.kind === 'image');
      const source = await session.openImage?.(image?.key ?? '', image?.where ?? '');
      const [first] = (await source?.images()) ?? [];
      const loaded = await first?.load();
      if (loaded === undefined) throw new Error('There is no image.');
      const tools = { reader: pool, cache: noLayerCache, cataloguers, hashing: 'both' } as const;
      const { catalogue } = await scanImage(loaded, tools);

      expect(catalogue.layers).toHaveLength(3);
      expect(catalogue.components.map(({ name }) => name)).toContain('libc6');
    } finally {
      await pool.close();
      await session.close();
      await open.stop();
    }
  });
});
