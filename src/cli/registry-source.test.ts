import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getPartPath } from '../../test/harness/find-part.ts';
import { tinyOciLayout } from '../../test/harness/images.ts';
import { describeWith } from '../../test/harness/parts.ts';
import {
  registryPassword,
  registryUser,
  startRegistry,
  type TestRegistry,
} from '../../test/harness/registry.ts';
import {
  answerWith,
  indexType,
  json,
  manifestType,
  type ScriptedRegistry,
  scriptedImage,
  startScriptedRegistry,
} from '../../test/harness/scripted-registry.ts';
import type { ScannedImage } from '../model/catalogue.ts';

const command = resolve(import.meta.dirname, '../../bin/wharfinger');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wharfinger-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The real command line, with nothing of this machine's own sign-in. */
async function scan(target: string, environment: Record<string, string>, ...more: string[]) {
  const env = { PATH: process.env['PATH'], DOCKER_CONFIG: folder, ...environment };
  const parameters = ['scan', target, '--no-cache', '--format', 'json', ...more];
  const run = promisify(execFile)(command, parameters, { env, maxBuffer: 1 << 26 });
  return run.then(
    ({ stdout }) => ({ code: 0, image: (JSON.parse(stdout) as ScannedImage).image, stderr: '' }),
    (error: { code: number; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
  );
}

const parts = ['docker-registry', 'openssl', 'skopeo', 'umoci', 'busybox'] as const;
describeWith(parts, 'wharfinger scan registry:REF', () => {
  let registry: TestRegistry;
  let target: string;
  beforeAll(async () => {
    registry = await startRegistry({ signIn: true, tls: true });
    const creds = ['--dest-creds', `${registryUser}:${registryPassword}`];
    const copy = ['--insecure-policy', 'copy', '--dest-tls-verify=false', ...creds];
    const to = `docker://${registry.host}/wharf/tiny:1`;
    await promisify(execFile)(getPartPath('skopeo'), [...copy, `oci:${await tinyOciLayout()}`, to]);
    target = `registry:${registry.host}/wharf/tiny:1`;
  });
  afterAll(() => registry.stop());
  const trusting = () => {
    writeFileSync(join(folder, 'ca.pem'), registry.authority ?? '');
    return { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
  };

  it('signs in with what docker login kept', async () => {
    const auth = Buffer.from(`${registryUser}:${registryPassword}`).toString('base64');
    const auths = { [registry.host]: { auth } };
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
    const { code, image } = { image: undefined, ...(await scan(target, trusting())) };

    expect(code).toBe(0);
    expect(image?.tags).toEqual([`${registry.host}/wharf/tiny:1`]);
    expect(image?.manifestDigest).toMatch(/^sha256:/);
  });

  it('signs in with the environment, and says what is missing without', async () => {
    const signIn = {
      WHARFINGER_REGISTRY_USERNAME: registryUser,
      WHARFINGER_REGISTRY_PASSWORD: registryPassword,
    };
    expect(await scan(target, { ...trusting(), ...signIn })).toMatchObject({ code: 0 });
    const refused = await scan(target, trusting());
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('asks for a user name and password');
    expect((await scan(target, signIn)).stderr).toContain('give that CA');
  });
});

describe('an image for several platforms in a registry', () => {
  let remote: ScriptedRegistry;
  beforeEach(async () => {
    remote = await startScriptedRegistry();
    const arm = scriptedImage('arm64');
    const manifests = [remote.image, arm].map(({ manifest, manifestDigest }, index) => ({
      mediaType: manifestType,
      digest: manifestDigest,
      size: manifest.length,
      platform: { os: 'linux', architecture: ['amd64', 'arm64'][index] },
    }));
    const index = json({ schemaVersion: 2, mediaType: indexType, manifests });
    const path = '/v2/wharf/ship';
    remote.on(`${path}/manifests/many`, answerWith(index, indexType));
    remote.on(`${path}/manifests/${arm.manifestDigest}`, answerWith(arm.manifest, manifestType));
    remote.on(`${path}/blobs/${arm.configDigest}`, answerWith(arm.config));
    remote.on(`${path}/blobs/${arm.layerDigest}`, answerWith(arm.layer));
  });
  afterEach(() => remote.stop());

  it('is the one asked for, over plain HTTP on this machine', async () => {
    const target = `registry:${remote.host}/wharf/ship:many`;
    const found = await scan(target, {}, '--platform', 'linux/arm64');
    expect(found).toMatchObject({ code: 0, image: { platform: { architecture: 'arm64' } } });
    const other = await scan(target, {}, '--platform', 'linux/s390x');
    expect(other.stderr).toContain('There are: linux/amd64, linux/arm64.');
  });

  it('ends in a sentence where the tag is not there', async () => {
    const { code, stderr } = await scan(`registry:${remote.host}/wharf/ship:none`, {});
    expect(code).toBe(1);
    expect(stderr).toContain(`${remote.host} does not have wharf/ship:none`);
  });
});
