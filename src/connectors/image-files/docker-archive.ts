import { createHash } from 'node:crypto';
import { MANIFEST_BYTES_MAX } from '../../formats/oci.ts';
import {
  type ArchiveImage,
  parseArchiveManifest,
  parseImageConfig,
} from '../../formats/oci-config.ts';
import { invalid, notFound } from '../../model/errors.ts';
import type { ImageSource, LoadedImage, SourceImage } from '../../scan/image-source.ts';
import { createdByOfLayers, factsOfConfig } from './config-facts.ts';
import type { FileTree } from './file-tree.ts';

const HEX_IN_NAME = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/;

/**
 * The images of what `docker save` writes (manifest.json beside configs and layer tars; since
 * Docker 25 the same files are also an OCI layout). Layers are known by their DiffIDs.
 */
export function dockerArchiveSource(tree: FileTree): ImageSource {
  return {
    name: `docker-archive:${tree.name}`,
    images: async () => {
      const bytes = await tree.read('manifest.json', MANIFEST_BYTES_MAX);
      if (bytes === undefined) throw notFound(`${tree.name} lacks manifest.json.`);
      const images = parseArchiveManifest(bytes, `${tree.name}: manifest.json`);
      return images.map(
        (image): SourceImage => ({ tags: image.tags, load: () => loadImage(tree, image) }),
      );
    },
    close: () => tree.close(),
  };
}

async function loadImage(tree: FileTree, image: ArchiveImage): Promise<LoadedImage> {
  const name = `${tree.name}: ${image.config}`;
  const bytes = await tree.read(image.config, MANIFEST_BYTES_MAX);
  if (bytes === undefined) throw notFound(`${tree.name} lacks ${image.config}.`);
  const hex = createHash('sha256').update(bytes).digest('hex');
  const named = HEX_IN_NAME.exec(image.config)?.[1];
  // The file is named by the image's id, which is its digest.
  if (named !== undefined && named !== hex) {
    throw invalid(`${name} has the digest sha256:${hex}.`, { code: 'wrong-digest' });
  }
  const config = parseImageConfig(bytes, name);
  if (config.diffIds.length !== image.layers.length) {
    const { length } = image.layers;
    throw invalid(
      `${tree.name} has ${length} layers, and its config names ${config.diffIds.length}.`,
    );
  }
  const createdBy = createdByOfLayers(config);
  const ranges = await Promise.all(
    image.layers.map(async (path) => {
      const range = await tree.locate(path);
      if (range === undefined) throw notFound(`${tree.name} lacks the layer ${path}.`);
      return range;
    }),
  );
  const layers = ranges.map((range, index) => {
    const made = createdBy[index];
    return {
      diffId: config.diffIds[index] as string,
      size: range.length,
      ...(made !== undefined && { createdBy: made }),
      open: async () => ({ kind: 'file' as const, ...range, close: async () => {} }),
    };
  });
  const facts = factsOfConfig(config, {
    configDigest: `sha256:${hex}`,
    tags: image.tags,
    size: ranges.reduce((sum, { length }) => sum + length, 0),
  });
  return { facts, layers };
}
