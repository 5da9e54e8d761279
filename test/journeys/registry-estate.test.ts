import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { componentsEndpoints } from '../../src/features/components/components-contract.ts';
import { connectionsEndpoints } from '../../src/features/connections/connections-contract.ts';
import { inventoryEndpoints } from '../../src/features/inventory/inventory-contract.ts';
import { eventually, type Signed, testApp } from '../harness/app.ts';
import { getPartPath } from '../harness/find-part.ts';
import { debianOciLayout, tinyOciLayout } from '../harness/images.ts';
import { describeWith } from '../harness/parts.ts';
import {
  registryPassword,
  registryUser,
  startRegistry,
  type TestRegistry,
} from '../harness/registry.ts';

const parts = ['docker-registry', 'openssl', 'skopeo', 'umoci', 'busybox', 'mmdebstrap'] as const;

describeWith(parts, 'the estate of a real registry', () => {
  let registry: TestRegistry;
  let owner: Signed;
  let connectionId: string;
  const skopeo = async (...parameters: string[]): Promise<void> => {
    await promisify(execFile)(getPartPath('skopeo'), ['--insecure-policy', ...parameters]);
  };
  const credentials = `${registryUser}:${registryPassword}`;
  const push = (layout: string, name: string): Promise<void> =>
    skopeo(
      ...['copy', '--dest-tls-verify=false', '--dest-creds', credentials],
      ...[`oci:${layout}`, `docker://${registry.host}/${name}`],
    );
  const settings = () => ({
    address: registry.url,
    username: registryUser,
    password: registryPassword,
    ca: registry.authority,
    tags: 'v*\n12',
  });
  const images = async () => {
    const query = { connection: connectionId, limit: 50 };
    return (await owner.call(inventoryEndpoints.listImages, { query })).items;
  };
  const connection = () =>
    owner.call(connectionsEndpoints.getConnection, { params: { id: connectionId } });
  const syncAgain = async () => {
    const before = (await connection()).lastSync?.number ?? 0;
    await owner.call(connectionsEndpoints.startSync, { params: { id: connectionId } });
    return eventually('it was read again', async () => {
      const now = await connection();
      const isDone = (now.lastSync?.number ?? 0) > before && now.lastSync?.state !== 'running';
      return isDone && now;
    });
  };

  beforeAll(async () => {
    registry = await startRegistry({ signIn: true, tls: true });
    await push(await debianOciLayout(), 'wharf/debian:12');
    await push(await tinyOciLayout(), 'wharf/tool:v1');
    await push(await tinyOciLayout(), 'wharf/tool:latest');
    const world = await testApp();
    owner = await world.signInAs('owner');
  }, 120_000);
  afterAll(() => registry?.stop());

  it('says what a first reading takes before anything is kept', async () => {
    const body = { kind: 'registry', settings: settings() };
    const tested = await owner.call(connectionsEndpoints.testConnection, { body });

    expect(tested).toMatchObject({ ok: true, found: `Container registry at ${registry.host}` });
    const counts = Object.fromEntries((tested.plan ?? []).map(({ name, count }) => [name, count]));
    const expected = { repositories: 2, tags: 2, images: 2, 'left out: tags': 1 };
    expect(counts).toEqual(expected);
    expect(tested.plan?.find(({ name }) => name === 'images')?.bytes).toBeGreaterThan(1_000_000);
  });

  it('says that a password is wrong, and keeps nothing', async () => {
    const body = { kind: 'registry', settings: { ...settings(), password: 'wrong' } };
    const tested = await owner.call(connectionsEndpoints.testConnection, { body });
    expect(tested.ok).toBe(false);
    expect(tested.message).toContain('refuses this user name and password');
  });

  it('shows repositories, tags and images with what is in them', { timeout: 90_000 }, async () => {
    const body = { kind: 'registry', name: 'quay', settings: settings() };
    connectionId = (await owner.call(connectionsEndpoints.createConnection, { body })).id;
    const fresh = await eventually('the first reading is done', async () => {
      const now = await connection();
      return now.state === 'fresh' && now;
    });
    const found = await eventually('both images are catalogued', async () => {
      const all = await images();
      return all.length === 2 && all.every(({ catalogue }) => catalogue === 'complete') && all;
    });

    expect(fresh.counts).toMatchObject({ repositories: 2, images: 2 });
    expect(fresh.address).toBe(registry.url);
    expect(JSON.stringify(fresh)).not.toContain(registryPassword);
    expect(found.flatMap(({ tags }) => tags).sort()).toEqual([
      `${registry.host}/wharf/debian:12`,
      `${registry.host}/wharf/tool:v1`,
    ]);
    const query = { q: 'libc6', limit: 10 };
    const components = await owner.call(componentsEndpoints.searchComponents, { query });
    expect(components.items.map(({ name }) => name)).toContain('libc6');
  });

  it('marks gone what a full reading does not see any more', { timeout: 60_000 }, async () => {
    const place = `docker://${registry.host}/wharf/tool:v1`;
    await skopeo('delete', '--tls-verify=false', '--creds', credentials, place);
    const read = await syncAgain();

    expect(read.lastSync).toMatchObject({ state: 'good', problems: [] });
    expect((await images()).map(({ name }) => name)).toEqual([`${registry.host}/wharf/debian:12`]);
  });

  it('marks nothing gone when the registry does not answer', { timeout: 60_000 }, async () => {
    await registry.stop();
    const read = await syncAgain();

    expect(read.lastSync?.state).toBe('failed');
    expect(read.lastSync?.problems[0]?.message).toContain('nothing listens there');
    expect(await images()).toHaveLength(1);
  });
});
