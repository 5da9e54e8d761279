import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ImageFacts } from '../../model/catalogue.ts';
import { invalid, notFound, tooLarge } from '../../model/errors.ts';
import type { ImageSource, LoadedImage, OpenLayer } from '../../scan/image-source.ts';
import { openImageFile } from '../image-files/open-image-file.ts';
import { connectDockerEngine, type DockerEngine } from './docker-engine.ts';
import { timeOf } from './docker-observations.ts';
import type { DockerSettings } from './docker-settings.ts';
import { ImageWithConfig } from './docker-shapes.ts';

const SAVED_BYTES_MAX = 200 * 1024 ** 3;

/** An image of an engine, by id, name or digest. `name` is what messages call it. */
export async function openDockerImage(engine: DockerEngine, name: string): Promise<ImageSource> {
  const path = `/images/${encodeURIComponent(name)}/json`;
  const inspect = await engine.get(path, ImageWithConfig);
  const saved = new SavedImage(engine, inspect.Id);
  return {
    name: `docker:${name}`,
    images: async () => [
      {
        tags: inspect.RepoTags ?? [],
        load: async () => (inspect.Descriptor ? saved.load() : loadedOf(inspect, saved)),
      },
    ],
    close: () => saved.close(),
  };
}

/** The same for the command line, which has no session of its own. */
export async function openDockerReference(
  settings: DockerSettings,
  name: string,
): Promise<ImageSource> {
  const engine = connectDockerEngine(settings, new AbortController().signal);
  try {
    const source = await openDockerImage(engine, name);
    const close = async () => {
      await source.close();
      await engine.close();
    };
    return { ...source, close };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/**
 * What the engine says of the image, and layers that are fetched only when one is asked for: with
 * every layer known nothing is saved at all.
 */
function loadedOf(inspect: ImageWithConfig, saved: SavedImage): LoadedImage {
  const config = inspect.Config ?? {};
  const created = timeOf(inspect.Created);
  const facts: ImageFacts = {
    configDigest: inspect.Id,
    platform: {
      os: inspect.Os ?? '',
      architecture: inspect.Architecture ?? '',
      ...(inspect.Variant ? { variant: inspect.Variant } : {}),
    },
    ...(created === undefined ? {} : { created }),
    ...(config.User ? { user: config.User } : {}),
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    exposedPorts: Object.keys(config.ExposedPorts ?? {}).sort(),
    labels: config.Labels ?? {},
    tags: inspect.RepoTags ?? [],
    size: inspect.Size ?? 0,
  };
  const diffIds = inspect.RootFS?.Layers ?? [];
  const layers = diffIds.map((diffId) => ({ diffId, open: () => saved.openLayer(diffId) }));
  return { facts, layers };
}

/** The image as `docker save` gives it, in a temporary file: fetched once, when first needed. */
class SavedImage {
  readonly #engine: DockerEngine;
  readonly #id: string;
  #fetched: Promise<{ source: ImageSource; image: LoadedImage; folder: string }> | undefined;

  constructor(engine: DockerEngine, id: string) {
    this.#engine = engine;
    this.#id = id;
  }

  async load(): Promise<LoadedImage> {
    return (await this.#fetch()).image;
  }

  async openLayer(diffId: string): Promise<OpenLayer> {
    const { image } = await this.#fetch();
    const layer = image.layers.find((one) => one.diffId === diffId);
    if (layer === undefined) throw invalid(`The engine saved the image without layer ${diffId}.`);
    return layer.open();
  }

  async close(): Promise<void> {
    const fetched = await this.#fetched?.catch(() => undefined);
    await fetched?.source.close();
    if (fetched !== undefined) await rm(fetched.folder, { recursive: true, force: true });
  }

  #fetch() {
    this.#fetched ??= this.#save();
    return this.#fetched;
  }

  async #save() {
    const folder = await mkdtemp(join(tmpdir(), 'wharfinger-image-'));
    try {
      const file = join(folder, 'image.tar');
      const stream = await this.#engine.stream(`/images/${encodeURIComponent(this.#id)}/get`);
      await pipeline(bounded(stream), createWriteStream(file));
      const source = await openImageFile('docker-archive', file);
      const [first] = await source.images();
      if (first === undefined) throw notFound('The engine saved an archive without an image.');
      return { source, image: await first.load(), folder };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

async function* bounded(stream: AsyncIterable<Uint8Array>) {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > SAVED_BYTES_MAX) throw tooLarge('The image has more than 200 GiB.');
    yield chunk;
  }
}
