import { isJsonObject } from './bounded-json.ts';
import { isDigest } from './digest.ts';
import { readJsonDocument } from './json-document.ts';
import {
  also,
  checkShape,
  dictionary,
  list,
  object,
  orNull,
  quote,
  refuse,
  type Shape,
  type Trail,
  text,
  whole,
} from './json-shape.ts';

/** What registries accept (distribution-spec: "a limit of at least 4 MiB"), with room to spare. */
export const MANIFEST_BYTES_MAX = 8 * 1024 * 1024;
/** An index may hold indexes (image-index.md); nobody nests them deeper than two. */
export const INDEX_DEPTH_MAX = 4;
const MANIFESTS_MAX = 10_000;
/** overlayfs stops at 500 lower folders, Docker at 127 layers. */
export const LAYERS_MAX = 1000;
const JSON_LIMITS = { bytesMax: MANIFEST_BYTES_MAX, depthMax: 64, valuesMax: 500_000 };

export const MEDIA_TYPES = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
} as const;

const INDEX_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerIndex]);
const MANIFEST_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
]);
const CONFIG_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.ociConfig,
  MEDIA_TYPES.dockerConfig,
]);

export const isIndexType = (mediaType: string): boolean => INDEX_TYPES.has(mediaType);
export const isManifestType = (mediaType: string): boolean => MANIFEST_TYPES.has(mediaType);
/** False for what is no container image: a Helm chart, a signature, an SBOM. */
export const isImageConfigType = (mediaType: string): boolean => CONFIG_TYPES.has(mediaType);

export type LayerCompression = 'none' | 'gzip' | 'zstd';

const LAYER_TYPES: ReadonlyMap<string, LayerCompression> = new Map([
  ['application/vnd.oci.image.layer.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.diff.tar', 'none'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar', 'none'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip'],
]);

/** How a layer of this media type is packed; undefined when it is no layer of a file system. */
export function layerCompression(mediaType: string): LayerCompression | undefined {
  return LAYER_TYPES.get(mediaType);
}

export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
};

export type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
};

export type ImageIndex = {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
};

export type ImageManifest = {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
};

const LABEL = text({ lengthMax: 1024 * 1024 });
export const digestShape: Shape<string> = also(text({ lengthMax: 150 }), (value, trail) => {
  if (!isDigest(value)) {
    refuse(trail, `${quote(value)} is not a digest (sha256 or sha512 and lower-case hex)`);
  }
});
const mediaType = text({
  // RFC 6838 §4.2 names, with the parameters some registries add.
  pattern: /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(;.*)?$/,
  meaning: 'a media type',
  lengthMax: 512,
});
const platform = object(
  { os: text({ lengthMax: 128 }), architecture: text({ lengthMax: 128 }) },
  { variant: text({ lengthMax: 128 }) },
);
const annotations = orNull(dictionary(LABEL));
const descriptor = object(
  { mediaType, digest: digestShape, size: whole() },
  { annotations, platform: orNull(platform), artifactType: text({ lengthMax: 512 }) },
);
const common = {
  mediaType: text({ lengthMax: 512 }),
  annotations,
  artifactType: text({ lengthMax: 512 }),
  subject: orNull(descriptor),
};
const schemaVersion: Shape<number> = also(whole(), (value, trail) => {
  if (value === 1) {
    refuse(trail, 'this is a Docker schema 1 manifest, which is not read: push the image again');
  }
  if (value !== 2) refuse(trail, `the schema version is ${value}, and only 2 is known`);
});
const indexShape = object(
  { schemaVersion, manifests: list(descriptor, { countMax: MANIFESTS_MAX }) },
  common,
);
const manifestShape = object(
  { schemaVersion, config: descriptor, layers: list(descriptor, { countMax: LAYERS_MAX }) },
  common,
);

/**
 * An image index or image manifest (OCI image-spec image-index.md, manifest.md; Docker manifest
 * list and schema 2). `expected` is the media type its descriptor or the response said: a document
 * that says another one is refused, and so is one that could be read as either kind
 * (CVE-2021-41190). Throws a Failure that names `file` and the place in it.
 */
export function parseManifest(
  bytes: Uint8Array,
  file: string,
  expected?: string,
): ImageIndex | ImageManifest {
  const value = readJsonDocument(bytes, file, JSON_LIMITS);
  const trail: Trail = { file, keys: [] };
  if (!isJsonObject(value)) return refuse(trail, 'expected an object');
  const hasManifests = Object.hasOwn(value, 'manifests');
  const hasLayers = Object.hasOwn(value, 'layers') || Object.hasOwn(value, 'config');
  if (hasManifests && hasLayers) {
    return refuse(trail, 'it has both "manifests" and "layers", so it is no one kind of manifest');
  }
  const said = saidMediaType(value['mediaType'], expected, trail);
  if (hasManifests) {
    assertKind(said, INDEX_TYPES, 'an index', trail);
    return indexOf(checkShape(value, indexShape, file), said ?? MEDIA_TYPES.ociIndex);
  }
  // Docker schema 1 has neither: its schemaVersion gives the sentence that helps.
  checkShape(value, object({ schemaVersion }, {}), file);
  assertKind(said, MANIFEST_TYPES, 'a manifest', trail);
  return manifestOf(checkShape(value, manifestShape, file), said ?? MEDIA_TYPES.ociManifest);
}

function saidMediaType(
  inside: unknown,
  expected: string | undefined,
  trail: Trail,
): string | undefined {
  const said = typeof inside === 'string' && inside !== '' ? inside : undefined;
  if (said !== undefined && expected !== undefined && said !== expected) {
    return refuse(trail, `it says it is ${quote(said)}, and was announced as ${quote(expected)}`);
  }
  return said ?? expected;
}

function assertKind(
  said: string | undefined,
  kinds: ReadonlySet<string>,
  kind: string,
  trail: Trail,
): void {
  if (said !== undefined && !kinds.has(said)) {
    refuse(trail, `it has the content of ${kind} and the media type ${quote(said)}`);
  }
}

type RawDescriptor = ReturnType<typeof descriptor>;
type RawCommon = {
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly artifactType?: string;
  readonly subject?: RawDescriptor | null;
};

function indexOf(raw: ReturnType<typeof indexShape>, mediaTypeSaid: string): ImageIndex {
  return {
    kind: 'index',
    mediaType: mediaTypeSaid,
    manifests: raw.manifests.map(descriptorOf),
    ...commonOf(raw),
  };
}

function manifestOf(raw: ReturnType<typeof manifestShape>, mediaTypeSaid: string): ImageManifest {
  return {
    kind: 'manifest',
    mediaType: mediaTypeSaid,
    config: descriptorOf(raw.config),
    layers: raw.layers.map(descriptorOf),
    ...commonOf(raw),
  };
}

function commonOf(raw: RawCommon): Pick<ImageManifest, 'annotations' | 'artifactType' | 'subject'> {
  return {
    annotations: raw.annotations ?? {},
    ...(raw.artifactType === undefined ? {} : { artifactType: raw.artifactType }),
    ...(raw.subject == null ? {} : { subject: descriptorOf(raw.subject) }),
  };
}

function descriptorOf(raw: RawDescriptor): Descriptor {
  return {
    mediaType: raw.mediaType,
    digest: raw.digest,
    size: raw.size,
    annotations: raw.annotations ?? {},
    ...(raw.platform == null ? {} : { platform: platformOf(raw.platform) }),
    ...(raw.artifactType === undefined ? {} : { artifactType: raw.artifactType }),
  };
}

function platformOf(raw: ReturnType<typeof platform>): Platform {
  const { os, architecture, variant } = raw;
  return { os, architecture, ...(variant === undefined || variant === '' ? {} : { variant }) };
}
