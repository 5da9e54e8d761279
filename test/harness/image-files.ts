import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TarPart, tar } from './tar.ts';

export const sha256Hex = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export type Files = Map<string, Buffer>;

/** What a test may lie about. */
export type OciLies = {
  readonly layerType?: string;
  readonly manifestType?: string;
  readonly config?: Buffer;
  readonly diffIds?: readonly string[];
  readonly platforms?: readonly string[];
};

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** The files of an OCI image layout of one image, written from image-layout.md and manifest.md. */
export function ociFiles(layers: readonly Buffer[], lies: OciLies = {}): Files {
  const files: Files = new Map();
  const blob = (bytes: Buffer, mediaType: string) => {
    files.set(`blobs/sha256/${sha256Hex(bytes)}`, bytes);
    return { mediaType, digest: `sha256:${sha256Hex(bytes)}`, size: bytes.length };
  };
  const manifests = (lies.platforms ?? ['linux/amd64']).map((platform) => {
    const [os, architecture] = platform.split('/');
    const config = lies.config ?? json(configOf(layers, { ...lies, os, architecture }));
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: blob(config, 'application/vnd.oci.image.config.v1+json'),
      layers: layers.map((layer) =>
        blob(gzipSync(layer), lies.layerType ?? 'application/vnd.oci.image.layer.v1.tar+gzip'),
      ),
    };
    return {
      ...blob(json(manifest), lies.manifestType ?? MANIFEST),
      platform: { os, architecture },
    };
  });
  const annotations = { 'org.opencontainers.image.ref.name': 'test' };
  const many = json({ schemaVersion: 2, mediaType: INDEX, manifests });
  const top = manifests.length === 1 ? manifests[0] : blob(many, INDEX);
  files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  files.set('index.json', json({ schemaVersion: 2, manifests: [{ ...top, annotations }] }));
  return files;
}

function configOf(
  layers: readonly Buffer[],
  {
    os = 'linux',
    architecture = 'amd64',
    diffIds,
  }: OciLies & { os?: string | undefined; architecture?: string | undefined },
) {
  const real = layers.map((layer) => `sha256:${sha256Hex(layer)}`);
  return {
    os,
    architecture,
    config: { Labels: { made: 'by hand' }, Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: diffIds ?? real },
    history: layers.map((_, index) => ({ created_by: `step ${index}` })),
  };
}

/** What `docker save` wrote before version 25. */
export function dockerArchive(
  layers: readonly Buffer[],
  lies: { readonly diffIds?: readonly string[] } & { readonly parts?: readonly TarPart[] } = {},
): Buffer {
  const config = json(configOf(layers, lies));
  const name = `${sha256Hex(config)}.json`;
  const manifest = json([
    { Config: name, RepoTags: ['test:1'], Layers: layers.map((_, index) => `${index}/layer.tar`) },
  ]);
  return tar(
    ...layers.map((body, index) => ({ name: `${index}/layer.tar`, body })),
    { name, body: config },
    { name: 'manifest.json', body: manifest },
    ...(lies.parts ?? []),
  );
}

export function writeFiles(folder: string, files: Files): string {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

export function archiveOf(files: Files): Buffer {
  return tar(...[...files].map(([name, body]) => ({ name, body })));
}
