import { invalid } from '../model/errors.ts';
import { readJsonDocument } from './json-document.ts';
import {
  also,
  anything,
  bool,
  checkShape,
  dictionary,
  list,
  object,
  orNull,
  quote,
  refuse,
  type Shape,
  text,
} from './json-shape.ts';
import { digestShape, LAYERS_MAX, type Platform } from './oci.ts';

/** A config's history and labels: the largest seen in the wild are far below one MiB. */
export const CONFIG_BYTES_MAX = 16 * 1024 * 1024;
const HISTORY_MAX = 10_000;
const WORDS_MAX = 100_000;
const ARCHIVE_IMAGES_MAX = 10_000;
const JSON_LIMITS = { bytesMax: CONFIG_BYTES_MAX, depthMax: 64, valuesMax: 500_000 };

export type ConfigHistory = {
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  /** No layer belongs to this line. */
  readonly emptyLayer: boolean;
};

/** An image's config (OCI image-spec config.md; Docker's differs in nothing read here). */
export type ImageConfig = {
  /** `unknown` where the config does not say. */
  readonly platform: Platform;
  readonly created?: string;
  readonly author?: string;
  readonly user?: string;
  readonly workingFolder?: string;
  readonly stopSignal?: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Digests of the uncompressed layers, the lowest first. */
  readonly diffIds: readonly string[];
  readonly history: readonly ConfigHistory[];
};

const LINE = text({ lengthMax: 1024 * 1024 });
const optionalLine = orNull(LINE);
const wordList = orNull(list(LINE, { countMax: WORDS_MAX }));
/** Some builders write a single command as a text. */
const words: Shape<string | readonly string[] | null> = (value, trail) =>
  typeof value === 'string' ? LINE(value, trail) : wordList(value, trail);
const keys = orNull(dictionary(anything));

const layersWord: Shape<string> = also(text(), (value, trail) => {
  if (value !== 'layers') refuse(trail, `${quote(value)} is not "layers"`);
});
const historyLine = object(
  {},
  {
    created: optionalLine,
    created_by: optionalLine,
    comment: optionalLine,
    empty_layer: orNull(bool),
  },
);
const runConfig = object(
  {},
  {
    User: optionalLine,
    WorkingDir: optionalLine,
    StopSignal: optionalLine,
    Entrypoint: words,
    Cmd: words,
    Env: wordList,
    ExposedPorts: keys,
    Volumes: keys,
    Labels: orNull(dictionary(LINE)),
  },
);
const configShape = object(
  {
    rootfs: object(
      { diff_ids: orNull(list(digestShape, { countMax: LAYERS_MAX })) },
      { type: layersWord },
    ),
  },
  {
    os: optionalLine,
    architecture: optionalLine,
    variant: optionalLine,
    created: optionalLine,
    author: optionalLine,
    config: orNull(runConfig),
    history: orNull(list(historyLine, { countMax: HISTORY_MAX })),
  },
);

/** Throws a Failure that names `file` and the place in it. */
export function parseImageConfig(bytes: Uint8Array, file: string): ImageConfig {
  const raw = checkShape(readJsonDocument(bytes, file, JSON_LIMITS), configShape, file);
  const run = raw.config ?? {};
  return {
    platform: {
      os: raw.os || 'unknown',
      architecture: raw.architecture || 'unknown',
      ...present('variant', raw.variant),
    },
    ...present('created', raw.created),
    ...present('author', raw.author),
    ...present('user', run.User),
    ...present('workingFolder', run.WorkingDir),
    ...present('stopSignal', run.StopSignal),
    entrypoint: wordsOf(run.Entrypoint),
    command: wordsOf(run.Cmd),
    environment: run.Env ?? [],
    exposedPorts: Object.keys(run.ExposedPorts ?? {}).sort(),
    volumes: Object.keys(run.Volumes ?? {}).sort(),
    labels: run.Labels ?? {},
    diffIds: raw.rootfs.diff_ids ?? [],
    history: (raw.history ?? []).map((line) => ({
      ...present('created', line.created),
      ...present('createdBy', line.created_by),
      ...present('comment', line.comment),
      emptyLayer: line.empty_layer ?? false,
    })),
  };
}

/**
 * The history line that made each layer, lowest first: lines marked empty made none. Undefined for
 * layers without one; a history longer than the layers is cut, since it is only what a builder
 * says.
 */
export function historyOfLayers(
  config: ImageConfig,
  layers: number,
): readonly (ConfigHistory | undefined)[] {
  const made = config.history.filter((line) => !line.emptyLayer);
  return Array.from({ length: layers }, (_, index) => made[index]);
}

function wordsOf(value: string | readonly string[] | null | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return value ?? [];
}

function present<K extends string>(
  key: K,
  value: string | null | undefined,
): { readonly [P in K]?: string } {
  // The cast is sound: the object has the one key or none.
  return (value == null || value === '' ? {} : { [key]: value }) as { readonly [P in K]?: string };
}

const layoutShape = object({ imageLayoutVersion: text({ lengthMax: 64 }) }, {});

/** The `oci-layout` file (OCI image-layout.md): throws unless it says version 1.0.0. */
export function assertOciLayout(bytes: Uint8Array, file: string): void {
  const layout = checkShape(readJsonDocument(bytes, file, JSON_LIMITS), layoutShape, file);
  if (layout.imageLayoutVersion !== '1.0.0') {
    const version = quote(layout.imageLayoutVersion);
    throw invalid(`${file}: the layout version is ${version}, and only 1.0.0 is known.`);
  }
}

/** One image of a docker archive's `manifest.json`: paths inside the archive. */
export type ArchiveImage = {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
};

const innerPath: Shape<string> = also(text({ lengthMin: 1, lengthMax: 4096 }), (value, trail) => {
  const climbs = value.startsWith('/') || value.split('/').includes('..');
  if (climbs) refuse(trail, `the path ${quote(value)} leaves the archive`);
});
const archiveShape = list(
  object(
    { Config: innerPath, Layers: orNull(list(innerPath, { countMax: LAYERS_MAX })) },
    { RepoTags: orNull(list(text({ lengthMax: 4096 }), { countMax: WORDS_MAX })) },
  ),
  { countMax: ARCHIVE_IMAGES_MAX },
);

/** The images that `docker save` and its like wrote into an archive. */
export function parseArchiveManifest(bytes: Uint8Array, file: string): readonly ArchiveImage[] {
  const raw = checkShape(readJsonDocument(bytes, file, JSON_LIMITS), archiveShape, file);
  return raw.map((image) => ({
    config: image.Config,
    tags: image.RepoTags ?? [],
    layers: image.Layers ?? [],
  }));
}
