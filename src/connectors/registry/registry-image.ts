import { isDigest } from '../../formats/digest.ts';
import {
  familiarImageReference,
  type ImageReference,
  parseImageReference,
} from '../../formats/image-reference.ts';
import {
  type Descriptor,
  INDEX_DEPTH_MAX,
  isIndexType,
  isManifestType,
} from '../../formats/oci.ts';
import { parseImageConfig } from '../../formats/oci-config.ts';
import { invalid, tooMany } from '../../model/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import type { ImageSource, LoadedImage, SourceImage } from '../../scan/image-source.ts';
import { imageManifestOf, isAttestation, ociImage } from '../image-files/oci-image.ts';
import { streamBlob } from './blob-stream.ts';
import { type FoundManifest, RegistryClient } from './registry-client.ts';
import type { RegistrySettings } from './registry-settings.ts';

const MEMBERS_MAX = 1000;

/** An image of a repository, by tag or digest: one platform's, or all of an index. */
export async function openRegistryImage(
  client: RegistryClient,
  repository: string,
  reference: string,
): Promise<ImageSource> {
  const separator = isDigest(reference) ? '@' : ':';
  const name = `registry:${client.place.host}/${repository}${separator}${reference}`;
  const tags = isDigest(reference) ? [] : [tagName(client, repository, reference)];
  const images = async (): Promise<readonly SourceImage[]> => {
    const found = await client.manifest(repository, reference);
    const place: Place = { client, repository, tags, images: [], left: { members: MEMBERS_MAX } };
    await addImages(place, found, 1);
    return place.images;
  };
  return { name, images, close: async () => {} };
}

/** The same for the command line, which has no session of its own. */
export async function openRegistryReference(
  settings: RegistrySettings,
  written: string,
): Promise<ImageSource> {
  const { repository, tag, digest } = parseImageReference(written);
  const signal = new AbortController().signal;
  const client = new RegistryClient(settings, { signal, clock: systemClock });
  try {
    const source = await openRegistryImage(client, repository, digest ?? tag ?? 'latest');
    return { ...source, close: () => client.close() };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** How people write a tag: `debian:12` for Docker Hub, else with the registry's host. */
export function tagName(client: RegistryClient, repository: string, tag: string): string {
  const reference: ImageReference = { host: client.place.host, repository, tag };
  return familiarImageReference(reference);
}

type Place = {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly images: SourceImage[];
  /** Of indexes, all together: indexes in indexes could be asked for without end. */
  readonly left: { members: number };
};

async function addImages(
  place: Place,
  { digest, document }: FoundManifest,
  depth: number,
): Promise<void> {
  const { images } = place;
  if (document.kind === 'manifest') {
    const load = () => loadImage(place, { digest, document });
    images.push({ tags: place.tags, manifestDigest: digest, load });
    return;
  }
  if (depth > INDEX_DEPTH_MAX) {
    throw invalid(`${digest}: indexes are nested more than ${INDEX_DEPTH_MAX} deep.`);
  }
  const members = document.manifests.filter((member) => !isAttestation(member));
  for (const member of members) {
    if (place.left.members === 0) throw tooMany(`${digest} lists too many images.`);
    place.left.members -= 1;
    if (isManifestType(member.mediaType)) images.push(imageOfIndex(place, member, digest));
    else if (isIndexType(member.mediaType)) {
      const inner = await place.client.manifest(place.repository, member.digest);
      await addImages(place, inner, depth + 1);
    }
  }
}

function imageOfIndex(place: Place, member: Descriptor, indexDigest: string): SourceImage {
  return {
    tags: place.tags,
    ...(member.platform !== undefined && { platform: member.platform }),
    manifestDigest: member.digest,
    load: async () => {
      const found = await place.client.manifest(place.repository, member.digest);
      return loadImage(place, found, indexDigest);
    },
  };
}

async function loadImage(
  { client, repository, tags }: Place,
  { digest, document }: FoundManifest,
  indexDigest?: string,
): Promise<LoadedImage> {
  const name = `${client.place.host}/${repository}@${digest}`;
  const manifest = imageManifestOf(document, name);
  const config = parseImageConfig(await client.blob(repository, manifest.config), `${name} config`);
  const names = {
    manifestDigest: digest,
    ...(indexDigest !== undefined && { indexDigest }),
    tags,
  };
  return ociImage({ name, manifest, config, names }, async (layer) => ({
    kind: 'stream',
    // Nothing is asked for before the layer's turn comes: a connection does not wait in a queue.
    chunks: () => streamBlob(client, { repository, ...layer }),
    close: async () => {},
  }));
}
