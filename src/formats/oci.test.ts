import { describe, expect, it } from 'vitest';
import { Failure } from '../model/errors.ts';
import { layerCompression, MEDIA_TYPES, parseManifest } from './oci.ts';
import {
  assertOciLayout,
  historyOfLayers,
  parseArchiveManifest,
  parseImageConfig,
} from './oci-config.ts';

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const digest = (pair: string): string => `sha256:${pair.repeat(32)}`;
const config = { mediaType: MEDIA_TYPES.ociConfig, digest: digest('aa'), size: 7 };
const layer = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: digest('bb'),
  size: 9,
};
const manifest = { schemaVersion: 2, config, layers: [layer] };
const entry = {
  mediaType: MEDIA_TYPES.ociManifest,
  digest: digest('cc'),
  size: 5,
  platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
};

describe('a manifest', () => {
  it('is read with its config and layers, and OCI is meant where it does not say', () => {
    expect(parseManifest(bytes({ ...manifest, annotations: null }), 'm.json')).toEqual({
      kind: 'manifest',
      mediaType: MEDIA_TYPES.ociManifest,
      config: { ...config, annotations: {} },
      layers: [{ ...layer, annotations: {} }],
      annotations: {},
    });
  });

  it('is an index when it lists manifests, each with its platform', () => {
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.dockerIndex, manifests: [entry] };
    expect(parseManifest(bytes(index), 'index.json', MEDIA_TYPES.dockerIndex)).toEqual({
      kind: 'index',
      mediaType: MEDIA_TYPES.dockerIndex,
      manifests: [{ ...entry, annotations: {} }],
      annotations: {},
    });
  });

  it.each<[string, unknown, string]>([
    ['both an index and a manifest', { ...manifest, manifests: [] }, 'm.json at /: it has both'],
    ['Docker schema 1', { schemaVersion: 1, fsLayers: [] }, 'at /schemaVersion: this is a Docker'],
    ['another media type inside', { ...manifest, mediaType: MEDIA_TYPES.ociIndex }, 'announced as'],
    [
      'a short digest',
      { ...manifest, layers: [layer, { ...layer, digest: 'sha256:ab' }] },
      'm.json at /layers/1/digest: "sha256:ab" is not a digest',
    ],
    ['a negative size', { ...manifest, config: { ...config, size: -1 } }, 'at /config/size'],
    ['a size that is a text', { ...manifest, config: { ...config, size: '7' } }, 'the text "7"'],
    ['no layers', { schemaVersion: 2, config }, '"layers" is missing'],
    ['a list', [], 'expected an object'],
    ['1,001 layers', { ...manifest, layers: Array(1001).fill(layer) }, 'at most 1000'],
  ])('is refused for %s', (_, value, sentence) => {
    const read = () => parseManifest(bytes(value), 'm.json', MEDIA_TYPES.ociManifest);
    expect(read).toThrow(Failure);
    expect(read).toThrow(sentence);
  });

  it('names the file when it is no JSON, too deep or too large', () => {
    expect(() => parseManifest(Buffer.from('{'), 'm.json')).toThrow(
      'm.json: The JSON is not valid',
    );
    const deep = Buffer.from('['.repeat(1000) + ']'.repeat(1000));
    expect(() => parseManifest(deep, 'm.json')).toThrow('m.json: The JSON is nested');
    expect(() => parseManifest(new Uint8Array(9 * 1024 * 1024), 'm.json')).toThrow('m.json: ');
  });

  it('has layers whose media type says how they are packed', () => {
    expect(layerCompression(layer.mediaType)).toBe('gzip');
    expect(layerCompression('application/vnd.oci.image.layer.v1.tar+zstd')).toBe('zstd');
    expect(layerCompression('application/vnd.cncf.helm.chart.content.v1.tar+gzip')).toBeUndefined();
  });
});

describe('a config', () => {
  const full = {
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-02T03:04:05Z',
    author: '',
    config: {
      User: '1000',
      Entrypoint: ['/e'],
      Cmd: 'run',
      ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
      Volumes: null,
      Labels: { a: 'b' },
    },
    rootfs: { type: 'layers', diff_ids: [digest('dd'), digest('ee')] },
    history: [
      { created_by: 'one' },
      { created_by: 'ENV', empty_layer: true },
      { created_by: 'two' },
    ],
  };

  it('is read with what an image is started with', () => {
    expect(parseImageConfig(bytes(full), 'c')).toMatchObject({
      platform: { os: 'linux', architecture: 'amd64' },
      created: '2026-01-02T03:04:05Z',
      user: '1000',
      entrypoint: ['/e'],
      command: ['run'],
      exposedPorts: ['443/tcp', '80/tcp'],
      volumes: [],
      labels: { a: 'b' },
      diffIds: [digest('dd'), digest('ee')],
    });
    expect(parseImageConfig(bytes(full), 'c')).not.toHaveProperty('author');
  });

  it('gives each layer the history line that made it', () => {
    const lines = historyOfLayers(parseImageConfig(bytes(full), 'c'), 3);
    expect(lines.map((line) => line?.createdBy)).toEqual(['one', 'two', undefined]);
  });

  it('says unknown where it does not name a platform', () => {
    const bare = parseImageConfig(bytes({ rootfs: { diff_ids: null } }), 'c');
    expect(bare.platform).toEqual({ os: 'unknown', architecture: 'unknown' });
  });

  it.each<[unknown, string]>([
    [{}, 'c at /: "rootfs" is missing'],
    [{ rootfs: { type: 'cow', diff_ids: [] } }, 'c at /rootfs/type: "cow" is not "layers"'],
    [{ rootfs: { diff_ids: ['x'] } }, 'c at /rootfs/diff_ids/0'],
    [{ ...full, config: { Labels: { a: 1 } } }, 'c at /config/Labels/a: expected a text'],
  ])('%j is refused', (value, sentence) => {
    expect(() => parseImageConfig(bytes(value), 'c')).toThrow(sentence);
  });
});

describe('an archive', () => {
  it('of docker save lists its images', () => {
    const saved = [{ Config: 'c.json', RepoTags: null, Layers: ['a/layer.tar'] }];
    expect(parseArchiveManifest(bytes(saved), 'manifest.json')).toEqual([
      { config: 'c.json', tags: [], layers: ['a/layer.tar'] },
    ]);
  });

  it.each(['/etc/passwd', '../x', 'a/../../x', ''])('may not point outside itself: %j', (path) => {
    const saved = [{ Config: 'c.json', Layers: [path] }];
    expect(() => parseArchiveManifest(bytes(saved), 'manifest.json')).toThrow('/0/Layers/0');
  });

  it('of OCI says its layout version', () => {
    assertOciLayout(bytes({ imageLayoutVersion: '1.0.0' }), 'oci-layout');
    expect(() => assertOciLayout(bytes({ imageLayoutVersion: '2' }), 'oci-layout')).toThrow(
      'only 1.0.0',
    );
  });
});
