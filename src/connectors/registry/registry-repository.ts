import {
  type Descriptor,
  type ImageIndex,
  INDEX_DEPTH_MAX,
  isImageConfigType,
  isIndexType,
  isManifestType,
  layerCompression,
} from '../../formats/oci.ts';
import { parseImageConfig } from '../../formats/oci-config.ts';
import { invalid, tooMany } from '../../model/errors.ts';
import type { ImageObservation } from '../../model/observation.ts';
import { isAttestation } from '../image-files/oci-image.ts';
import type { Choice } from './registry-choice.ts';
import type { FoundManifest, RegistryClient } from './registry-client.ts';

type ImageFacts = Pick<
  ImageObservation,
  'configDigest' | 'platform' | 'sizeBytes' | 'createdAt' | 'diffIds' | 'labels'
>;

/** Kinds of what a tag leads to and is no image that was chosen. */
export const leftOutKinds = ['platforms', 'attestations', 'other artefacts'] as const;
export type LeftOut = Record<(typeof leftOutKinds)[number], number>;
export const nothingLeftOut = (): LeftOut => ({
  platforms: 0,
  attestations: 0,
  'other artefacts': 0,
});

/** What one digest that a tag names leads to. */
export type Lead = {
  readonly images: readonly { readonly digest: string; readonly facts: ImageFacts }[];
  /** Of the indexes on the way, the outermost first. */
  readonly indexDigests: readonly string[];
  readonly leftOut: LeftOut;
};

const KNOWN_MAX = 20_000;
const INDEX_MEMBERS_MAX = 1000;

/**
 * What is known of images by their digest, across readings of one process: a manifest never
 * changes, so a second reading of a registry asks only where its tags point. Keyed by the place
 * too, because a digest seen at one registry says nothing about what another lets us read.
 */
const known = new Map<string, ImageFacts | 'no image'>();

/** Reads what a manifest or index leads to, of the platforms chosen. */
export async function readLead(
  client: RegistryClient,
  { repository, choice }: { repository: string; choice: Choice },
  found: FoundManifest,
): Promise<Lead> {
  const images: { digest: string; facts: ImageFacts }[] = [];
  const leftOut = nothingLeftOut();
  const indexDigests: string[] = [];
  const take = async (digest: string, read: () => Promise<FoundManifest>) => {
    const facts = await readFacts(client, { repository, digest }, read);
    if (facts === 'no image') leftOut['other artefacts'] += 1;
    else if (choice.platform(platformOf(facts))) images.push({ digest, facts });
    else leftOut.platforms += 1;
  };
  const walk = async ({ digest, document }: FoundManifest, depth: number): Promise<void> => {
    if (document.kind === 'manifest') {
      return take(digest, async () => ({ digest, document }));
    }
    if (depth > INDEX_DEPTH_MAX) {
      throw invalid(`${digest}: indexes are nested more than ${INDEX_DEPTH_MAX} deep.`);
    }
    indexDigests.push(digest);
    if (indexDigests.length + document.manifests.length > INDEX_MEMBERS_MAX) {
      throw tooMany(`${digest} lists more than ${INDEX_MEMBERS_MAX} images.`);
    }
    for (const member of sorted(document, choice, leftOut)) {
      const read = () => client.manifest(repository, member.digest);
      if (isIndexType(member.mediaType)) await walk(await read(), depth + 1);
      else await take(member.digest, read);
    }
  };
  await walk(found, 1);
  return { images, indexDigests, leftOut };
}

/** The members of an index to be read; the others are counted. */
export function sorted(index: ImageIndex, choice: Choice, leftOut: LeftOut): Descriptor[] {
  return index.manifests.filter((member) => {
    const isKnownKind = isManifestType(member.mediaType) || isIndexType(member.mediaType);
    if (isAttestation(member)) leftOut.attestations += 1;
    else if (!isKnownKind) leftOut['other artefacts'] += 1;
    else if (member.platform !== undefined && !choice.platform(member.platform)) {
      leftOut.platforms += 1;
    } else return true;
    return false;
  });
}

async function readFacts(
  client: RegistryClient,
  place: { repository: string; digest: string },
  read: () => Promise<FoundManifest>,
): Promise<ImageFacts | 'no image'> {
  const key = `${client.place.origin}/${place.repository}@${place.digest}`;
  const kept = known.get(key);
  const facts = kept ?? (await factsOf(client, place.repository, await read()));
  // What was used last is forgotten last.
  known.delete(key);
  known.set(key, facts);
  const [oldest] = known.keys();
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
  return facts;
}

async function factsOf(
  client: RegistryClient,
  repository: string,
  { digest, document }: FoundManifest,
): Promise<ImageFacts | 'no image'> {
  if (document.kind === 'index') throw invalid(`${digest} is announced as a manifest.`);
  const { config: descriptor, layers } = document;
  // Signatures use an image's config too, and layers of their own kind.
  const isImage =
    isImageConfigType(descriptor.mediaType) &&
    layers.every(({ mediaType }) => layerCompression(mediaType) !== undefined);
  if (!isImage) return 'no image';
  const name = `${client.place.host}/${repository}@${descriptor.digest}`;
  const config = parseImageConfig(await client.blob(repository, descriptor), name);
  const { os, architecture, variant } = config.platform;
  const createdMs = Date.parse(config.created ?? '');
  return {
    configDigest: descriptor.digest,
    platform: [os, architecture, ...(variant === undefined ? [] : [variant])].join('/'),
    sizeBytes: layers.reduce((sum, { size }) => sum + size, 0),
    ...(Number.isNaN(createdMs) ? {} : { createdAt: new Date(createdMs).toISOString() }),
    diffIds: config.diffIds,
    labels: config.labels,
  };
}

function platformOf(facts: ImageFacts) {
  const [os = '', architecture = '', variant] = (facts.platform ?? '').split('/');
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
