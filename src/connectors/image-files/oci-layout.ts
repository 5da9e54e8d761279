import type { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { parseDigest } from '../../formats/digest.ts';
import {
  type Descriptor,
  INDEX_DEPTH_MAX,
  isIndexType,
  isManifestType,
  MANIFEST_BYTES_MAX,
  parseManifest,
} from '../../formats/oci.ts';
import { assertOciLayout, parseImageConfig } from '../../formats/oci-config.ts';
import { invalid, notFound, tooMany } from '../../model/errors.ts';
import type { ImageSource, LoadedImage, SourceImage } from '../../scan/image-source.ts';
import type { FileTree } from './file-tree.ts';
import { imageManifestOf, isAttestation, ociImage } from './oci-image.ts';

const IMAGES_MAX = 10_000;
/** image-spec annotations.md; containerd and Docker write the full name beside it. */
const REF_NAME = 'org.opencontainers.image.ref.name';
const FULL_NAME = 'io.containerd.image.name';

/**
 * The images of an OCI image layout (image-layout.md), in a folder or an archive. Every blob that
 * is read here is compared with its digest; layers are when they are catalogued.
 */
export function ociLayoutSource(kind: 'oci' | 'oci-archive', tree: FileTree): ImageSource {
  return {
    name: `${kind}:${tree.name}`,
    images: () => listImages(tree),
    close: () => tree.close(),
  };
}

async function listImages(tree: FileTree): Promise<readonly SourceImage[]> {
  const layout = await readOrRefuse(tree, 'oci-layout');
  assertOciLayout(layout, `${tree.name}: oci-layout`);
  const bytes = await readOrRefuse(tree, 'index.json');
  const index = parseManifest(bytes, `${tree.name}: index.json`);
  if (index.kind !== 'index') throw invalid(`${tree.name}: index.json is no image index.`);
  const images: SourceImage[] = [];
  const walk: Walk = { tree, images, seen: new Set() };
  for (const manifest of index.manifests) await addImages(walk, manifest, { tags: [], depth: 1 });
  return images;
}

type Walk = { readonly tree: FileTree; readonly images: SourceImage[]; readonly seen: Set<string> };
type Place = {
  readonly tags: readonly string[];
  readonly depth: number;
  readonly indexDigest?: string;
};

async function addImages(walk: Walk, descriptor: Descriptor, place: Place): Promise<void> {
  const { tree, images, seen } = walk;
  const tags = [...new Set([...place.tags, ...tagsOf(descriptor)])];
  if (isManifestType(descriptor.mediaType)) {
    if (isAttestation(descriptor)) return;
    if (images.length >= IMAGES_MAX) throw tooMany(`${tree.name} holds too many images.`);
    images.push({
      tags,
      ...(descriptor.platform !== undefined && { platform: descriptor.platform }),
      manifestDigest: descriptor.digest,
      load: () => loadImage(tree, descriptor, { ...place, tags }),
    });
    return;
  }
  // Other things may lie in a layout (signatures, charts): they are no images.
  if (!isIndexType(descriptor.mediaType)) return;
  if (place.depth >= INDEX_DEPTH_MAX) {
    throw invalid(`${tree.name}: indexes are nested more than ${INDEX_DEPTH_MAX} deep.`);
  }
  // The same index twice under one tag adds nothing, and could be asked for without end.
  const once = `${descriptor.digest} ${tags.join(' ')}`;
  if (seen.has(once)) return;
  seen.add(once);
  const { bytes, name } = await readBlob(tree, descriptor);
  const index = parseManifest(bytes, name, descriptor.mediaType);
  if (index.kind !== 'index') throw invalid(`${name} is no image index.`);
  const below = { tags, depth: place.depth + 1, indexDigest: descriptor.digest };
  for (const manifest of index.manifests) await addImages(walk, manifest, below);
}

function tagsOf({ annotations }: Descriptor): readonly string[] {
  const name = annotations[FULL_NAME] ?? annotations[REF_NAME];
  return name === undefined || name === '' ? [] : [name];
}

async function loadImage(
  tree: FileTree,
  descriptor: Descriptor,
  place: Place,
): Promise<LoadedImage> {
  const { bytes, name } = await readBlob(tree, descriptor);
  const manifest = imageManifestOf(parseManifest(bytes, name, descriptor.mediaType), name);
  const read = await readBlob(tree, manifest.config);
  const config = parseImageConfig(read.bytes, read.name);
  const names = {
    manifestDigest: descriptor.digest,
    ...(place.indexDigest !== undefined && { indexDigest: place.indexDigest }),
    tags: place.tags,
  };
  return ociImage({ name, manifest, config, names }, async ({ digest }) => {
    const range = await tree.locate(blobPath(digest));
    if (range === undefined) throw notFound(`${tree.name} lacks the layer ${digest}.`);
    return { kind: 'file', ...range, close: async () => {} };
  });
}

function blobPath(digest: string): string {
  const { algorithm, hex } = parseDigest(digest);
  return `blobs/${algorithm}/${hex}`;
}

async function readBlob(
  tree: FileTree,
  { digest, size }: Descriptor,
): Promise<{ bytes: Buffer; name: string }> {
  const path = blobPath(digest);
  const name = `${tree.name}: ${path}`;
  const bytes = await readOrRefuse(tree, path);
  if (bytes.length !== size) {
    throw invalid(`${name} has ${bytes.length} bytes, and is announced with ${size}.`);
  }
  const { algorithm, hex } = parseDigest(digest);
  const actual = createHash(algorithm).update(bytes).digest('hex');
  if (actual !== hex) {
    throw invalid(`${name} has the digest ${algorithm}:${actual}.`, { code: 'wrong-digest' });
  }
  return { bytes, name };
}

async function readOrRefuse(tree: FileTree, path: string): Promise<Buffer> {
  const bytes = await tree.read(path, MANIFEST_BYTES_MAX);
  if (bytes === undefined) throw notFound(`${tree.name} lacks ${path}.`);
  return bytes;
}
