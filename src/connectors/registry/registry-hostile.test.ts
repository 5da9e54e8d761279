import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answerWith,
  indexType,
  json,
  manifestType,
  type ScriptedRegistry,
  scriptedImage,
  startScriptedRegistry,
} from '../../../test/harness/scripted-registry.ts';
import type { Observation } from '../../model/observation.ts';
import { systemClock } from '../../platform/clock.ts';
import { cataloguers } from '../../scan/cataloguers/list.ts';
import { noLayerCache } from '../../scan/layer-cache.ts';
import { LayerPool } from '../../scan/layer-pool.ts';
import { scanImage } from '../../scan/scan-image.ts';
import { RegistryClient } from './registry-client.ts';
import { openRegistryImage } from './registry-image.ts';
import { readRegistry } from './registry-reading.ts';
import { RegistrySettings } from './registry-settings.ts';

let remote: ScriptedRegistry;
let client: RegistryClient;
const limits = { headersMs: 300, stallMs: 300, documentMs: 1000 };

const connect = (more: object = {}) => {
  const settings = RegistrySettings.parse({ address: remote.origin, ...more });
  const signal = new AbortController().signal;
  return new RegistryClient(settings, { signal, clock: systemClock, outbound: { limits } });
};
beforeEach(async () => {
  remote = await startScriptedRegistry();
  client = connect();
});
afterEach(async () => {
  await client.close();
  await remote.stop();
});

async function read(more: object = {}) {
  const seen: Observation[] = [];
  const parts = new Map<string, number>();
  const settings = RegistrySettings.parse({ address: remote.origin, ...more });
  const outcome = await readRegistry(client, settings, {
    observe: async (batch) => void seen.push(...batch),
    progress: (part, done) => void parts.set(part, done),
  });
  const images = seen.filter((one) => one.kind === 'image');
  return { ...outcome, seen, images, parts };
}

async function catalogue(reference = '1'): Promise<string[]> {
  const pool = new LayerPool(1);
  try {
    const source = await openRegistryImage(client, 'wharf/ship', reference);
    const [first] = await source.images();
    if (first === undefined) throw new Error('There is no image.');
    const tools = { reader: pool, cache: noLayerCache, cataloguers, hashing: 'both' } as const;
    const { catalogue: found } = await scanImage(await first.load(), tools);
    return found.components.map(({ name }) => name);
  } finally {
    await pool.close();
  }
}

const layerPath = () => `/v2/wharf/ship/blobs/${remote.image.layerDigest}`;
const tagPath = '/v2/wharf/ship/manifests/1';

describe('a layer of a registry', () => {
  it('is taken up where the connection broke', async () => {
    const whole = answerWith(remote.image.layer);
    let breaks = 0;
    remote.on(layerPath(), (request, response) => {
      if (breaks >= 3) return whole(request, response);
      breaks += 1;
      const { layer } = remote.image;
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? '0');
      const length = layer.length - start;
      response.writeHead(start === 0 ? 200 : 206, {
        'content-length': length,
        'content-range': `bytes ${start}-${layer.length - 1}/${layer.length}`,
      });
      response.write(layer.subarray(start, start + Math.floor(layer.length / 5)), () => {
        setTimeout(() => response.destroy(), 20);
      });
    });

    expect(await catalogue()).toEqual(['base']);
    expect(breaks).toBe(3);
  });

  it('is read on where the registry knows no ranges and sends all of it again', async () => {
    let calls = 0;
    remote.on(layerPath(), (_request, response) => {
      calls += 1;
      const { layer } = remote.image;
      response.writeHead(200, { 'content-length': layer.length });
      if (calls > 1) return void response.end(layer);
      response.write(layer.subarray(0, 50_000), () => setTimeout(() => response.destroy(), 20));
    });

    expect(await catalogue()).toEqual(['base']);
  });

  it('is refused when its bytes are others than its digest says', async () => {
    const other = Buffer.from(remote.image.layer);
    other[other.length - 20] = (other[other.length - 20] ?? 0) ^ 1;
    remote.on(layerPath(), answerWith(other));

    await expect(catalogue()).rejects.toThrow(/has the digest sha256:.* and the manifest says/);
  });

  it('is given up when the registry never sends all of it', async () => {
    remote.on(layerPath(), (_request, response) => {
      response.writeHead(200).end(Buffer.alloc(0));
    });
    await expect(catalogue()).rejects.toThrow('sends only 0 of the');
  });

  it('is given up when the registry sends more than was announced', async () => {
    const more = Buffer.concat([remote.image.layer, Buffer.from('more')]);
    remote.on(layerPath(), (_request, response) => void response.writeHead(200).end(more));
    await expect(catalogue()).rejects.toThrow('sends more than the');
  });

  it('is given up when the registry stalls in the middle', async () => {
    remote.on(layerPath(), (_request, response) => {
      response.writeHead(200).write(remote.image.layer.subarray(0, 1000));
    });
    await expect(catalogue()).rejects.toThrow('stopped sending');
  });

  it('is not fetched from an address that nobody configured', async () => {
    remote.on(layerPath(), (_request, response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:9/layer' }).end();
    });
    await expect(catalogue()).rejects.toThrow('http://127.0.0.1:9, which is not configured');
  });
});

describe('a manifest of a registry', () => {
  it('is refused when its digest is wrong', async () => {
    const path = `/v2/wharf/ship/manifests/${remote.image.manifestDigest}`;
    remote.on(path, answerWith(scriptedImage('arm64').manifest, manifestType));
    const { problems, complete } = await read();

    expect(problems[0]?.message).toContain('has the digest sha256:');
    expect(complete).toEqual(['repository']);
  });

  it('is refused when it is of another type than it says', async () => {
    remote.on(tagPath, answerWith(remote.image.manifest, indexType));
    await expect(catalogue()).rejects.toThrow('was announced as');
  });

  it('is refused when it is no image', async () => {
    const config = { mediaType: 'application/vnd.cncf.helm.config.v1+json' };
    const chart = scriptedImage('amd64', {
      config: { ...config, digest: remote.image.configDigest, size: 1 },
    });
    remote.on(tagPath, answerWith(chart.manifest, manifestType));
    await expect(catalogue()).rejects.toThrow('is no container image');
  });

  it('is one of each platform chosen; the others are counted', async () => {
    const arm = scriptedImage('arm64');
    const members = [
      { image: remote.image, platform: { os: 'linux', architecture: 'amd64' } },
      { image: arm, platform: { os: 'linux', architecture: 'arm64' } },
    ];
    const index = json({
      schemaVersion: 2,
      mediaType: indexType,
      manifests: members.map(({ image, platform }) => ({
        mediaType: manifestType,
        digest: image.manifestDigest,
        size: image.manifest.length,
        platform,
      })),
    });
    const path = '/v2/wharf/ship/manifests/';
    remote.on(tagPath, answerWith(index, indexType));
    const digest = (await client.manifest('wharf/ship', '1')).digest;
    remote.on(path + digest, answerWith(index, indexType));
    remote.on(path + arm.manifestDigest, answerWith(arm.manifest, manifestType));
    remote.on(`/v2/wharf/ship/blobs/${arm.configDigest}`, answerWith(arm.config));
    const all = await read();
    const chosen = await read({ platforms: ['linux/arm64'] });

    expect(all.images.map(({ platform }) => platform)).toEqual(['linux/amd64', 'linux/arm64']);
    expect(chosen.images.map(({ key }) => key)).toEqual([arm.manifestDigest]);
    expect(chosen.images[0]?.indexDigests).toEqual([digest]);
    expect(chosen.parts.get('left out: platforms')).toBe(1);
    const tags = chosen.seen.filter((one) => one.kind === 'tag');
    expect(tags).toEqual([
      { kind: 'tag', where: 'wharf/ship', name: `${remote.host}/wharf/ship:1`, digest },
    ]);
  });
});

describe('what refers to an image', () => {
  const signature = {
    mediaType: manifestType,
    digest: `sha256:${'5'.repeat(64)}`,
    size: 10,
    artifactType: 'application/vnd.example.signature',
  };
  const index = json({ schemaVersion: 2, mediaType: indexType, manifests: [signature] });
  const expected = [{ digest: signature.digest, artifactType: signature.artifactType }];

  it('is asked by the referrers API', async () => {
    const path = `/v2/wharf/ship/referrers/${remote.image.manifestDigest}`;
    remote.on(path, answerWith(index, indexType));
    const { images } = await read();
    expect(images[0]?.referrers).toEqual(expected);
  });

  it('is read from its tag where the registry lacks the API', async () => {
    const tag = remote.image.manifestDigest.replace(':', '-');
    remote.on('/v2/wharf/ship/tags/list', answerWith(json({ tags: ['1', tag] })));
    remote.on(`/v2/wharf/ship/manifests/${tag}`, answerWith(index, indexType));
    const { images, parts, seen } = await read();

    expect(images[0]?.referrers).toEqual(expected);
    expect(parts.get('left out: signature tags')).toBe(1);
    expect(seen.filter((one) => one.kind === 'tag')).toHaveLength(1);
  });
});

describe('lists of a registry', () => {
  it('are read page by page', async () => {
    remote.on('/v2/wharf/ship/tags/list', (request, response) => {
      const isFirst = !(request.url ?? '').includes('last=');
      const link = '</v2/wharf/ship/tags/list?last=1&n=1>; rel="next"';
      response.writeHead(200, isFirst ? { link } : {});
      response.end(json({ tags: [isFirst ? '1' : '2'] }));
    });
    const { seen } = await read();
    // The second tag is gone when it is looked at: that is a fact, and no problem.
    expect(seen.filter((one) => one.kind === 'tag')).toHaveLength(1);
    expect(remote.asked).toContain('HEAD /v2/wharf/ship/manifests/2');
  });

  it('are not read on at another host', async () => {
    remote.on('/v2/_catalog', (_request, response) => {
      response.writeHead(200, { link: '<http://elsewhere.example/v2/_catalog>; rel="next"' });
      response.end(json({ repositories: [] }));
    });
    await expect(read()).rejects.toThrow('its next page is at http://elsewhere.example');
    const named = await read({ repositories: ['wharf/ship', 'other*'] });
    expect(named.problems[0]?.message).toContain('http://elsewhere.example, which is not called');
    expect(named.images).toHaveLength(1);
    expect(named.complete).not.toContain('repository');
  });

  it('are given up when they page in a circle', async () => {
    remote.on('/v2/_catalog', (_request, response) => {
      response.writeHead(200, { link: '</v2/_catalog?n=1000>; rel="next"' });
      response.end(json({ repositories: [] }));
    });
    await expect(read()).rejects.toThrow('without end');
  });

  it('hold no names that lead out of the registry', async () => {
    const repositories = ['../../secrets', 'wharf/ship', 'a b', ''];
    remote.on('/v2/_catalog', answerWith(json({ repositories })));
    const { problems, images } = await read();

    expect(problems).toHaveLength(3);
    expect(images).toHaveLength(1);
    expect(remote.asked.filter((path) => path.includes('secrets'))).toEqual([]);
  });

  it('are refused when they are something else', async () => {
    remote.on('/v2/_catalog', answerWith(Buffer.from('[{"repositories":')));
    await expect(read()).rejects.toThrow(/JSON|registry API/);
  });
});

describe('a registry that does not want to', () => {
  it('is waited for as it asks', async () => {
    let calls = 0;
    const good = answerWith(json({ repositories: ['wharf/ship'] }));
    remote.on('/v2/_catalog', (request, response) => {
      calls += 1;
      if (calls > 1) good(request, response);
      else response.writeHead(429, { 'retry-after': '1' }).end();
    });
    expect((await read()).images).toHaveLength(1);
  });

  it('that stalls fails the reading within the time it has', async () => {
    remote.on('/v2/_catalog', () => {});
    await expect(read()).rejects.toThrow('took too long to answer');
  });

  it('marks nothing gone when it fails again and again', async () => {
    const tags = ['1', '2', '3', '4', '5', '6', '7'];
    remote.on('/v2/wharf/ship/tags/list', answerWith(json({ tags })));
    for (const tag of tags) {
      remote.on(`/v2/wharf/ship/manifests/${tag}`, (_request, response) => {
        response.writeHead(500).end();
      });
    }
    await expect(read()).rejects.toThrow('answers 500');
  });

  it('is asked only where tags point, when its images were read before', async () => {
    await read();
    remote.asked.length = 0;
    const { images } = await read();

    expect(images).toHaveLength(1);
    expect(remote.asked.filter((path) => path.includes('/blobs/'))).toEqual([]);
  });
});
