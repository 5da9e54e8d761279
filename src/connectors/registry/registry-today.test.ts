import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { getPartPath } from '../../../test/harness/find-part.ts';
import { tinyOciLayout } from '../../../test/harness/images.ts';
import { describeWith } from '../../../test/harness/parts.ts';
import {
  startReferrersRegistry,
  startRegistry,
  type TestRegistry,
} from '../../../test/harness/registry.ts';
import { json, manifestType, sha256 } from '../../../test/harness/scripted-registry.ts';
import type { Observation } from '../../model/observation.ts';
import { systemClock } from '../../platform/clock.ts';
import { registry as connector } from './registry.ts';
import { RegistrySettings } from './registry-settings.ts';

async function readImages({ url }: TestRegistry) {
  const context = { signal: new AbortController().signal, clock: systemClock };
  const settings = RegistrySettings.parse({ address: url, repositories: ['wharf/tiny'] });
  const session = await connector.open(context, settings);
  const seen: Observation[] = [];
  try {
    const { problems } = await session.read({
      observe: async (batch) => void seen.push(...batch),
      progress: () => {},
    });
    expect(problems).toEqual([]);
    return seen.filter((one) => one.kind === 'image');
  } finally {
    await session.close();
  }
}

async function pushTiny({ host }: TestRegistry): Promise<void> {
  const copy = ['--insecure-policy', 'copy', '--dest-tls-verify=false'];
  const to = `docker://${host}/wharf/tiny:1`;
  await promisify(execFile)(getPartPath('skopeo'), [...copy, `oci:${await tinyOciLayout()}`, to]);
}

const artifactType = 'application/vnd.example.sbom';

/**
 * An artefact about an image: a manifest with a subject. Its kind is that of its config, where it
 * names none itself (image-spec manifest.md).
 */
async function attach({ url }: TestRegistry, subject: object): Promise<string> {
  const empty = Buffer.from('{}');
  const blob = { mediaType: artifactType, digest: sha256(empty), size: 2 };
  const put = async (address: string, body: Buffer, type: string): Promise<void> => {
    const headers = { 'content-type': type };
    const answer = await request(address, { method: 'PUT', body, headers });
    await answer.body.dump();
    expect(answer.statusCode).toBe(201);
  };
  const begun = await request(`${url}/v2/wharf/tiny/blobs/uploads/`, { method: 'POST' });
  await begun.body.dump();
  const upload = new URL(String(begun.headers['location']), url);
  upload.searchParams.set('digest', blob.digest);
  await put(upload.href, empty, 'application/octet-stream');
  const manifest = json({
    schemaVersion: 2,
    mediaType: manifestType,
    config: blob,
    layers: [blob],
    subject,
  });
  const digest = sha256(manifest);
  await put(`${url}/v2/wharf/tiny/manifests/${digest}`, manifest, manifestType);
  return digest;
}

const tools = ['skopeo', 'umoci', 'busybox'] as const;

describeWith(['referrers-registry', ...tools], 'a registry with the referrers API', () => {
  it('says what refers to an image', async () => {
    const registry = await startReferrersRegistry();
    try {
      await pushTiny(registry);
      const [before] = await readImages(registry);
      const subject = { mediaType: manifestType, digest: before?.key, size: 10 };
      const digest = await attach(registry, subject);
      const [image] = await readImages(registry);

      expect(before?.referrers).toEqual([]);
      expect(image?.referrers).toEqual([{ digest, artifactType }]);
    } finally {
      await registry.stop();
    }
  });
});

describeWith(['registry-v3', ...tools], 'a registry of today', () => {
  it('is read as the one of Debian is', async () => {
    const registry = await startRegistry({ program: 'registry-v3' });
    try {
      await pushTiny(registry);
      const [image] = await readImages(registry);
      expect(image).toMatchObject({
        platform: 'linux/amd64',
        tags: [`${registry.host}/wharf/tiny:1`],
      });
    } finally {
      await registry.stop();
    }
  });
});
