import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  isImageConfigType,
  layerCompression,
} from '../../formats/oci.ts';
import type { ImageConfig } from '../../formats/oci-config.ts';
import type { ImageFacts } from '../../model/catalogue.ts';
import { invalid } from '../../model/errors.ts';
import type { LoadedImage, OpenLayer, SourceLayer } from '../../scan/image-source.ts';
import { createdByOfLayers, factsOfConfig } from './config-facts.ts';

/** What was read of an image; `name` is what messages call its manifest. */
export type OciImageParts = {
  readonly name: string;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  readonly names: Pick<ImageFacts, 'manifestDigest' | 'indexDigest' | 'tags'>;
};

type OpenOciLayer = (layer: Descriptor) => Promise<OpenLayer>;

/** The manifest of a container image; throws for an index, a chart, a signature. */
export function imageManifestOf(document: ImageIndex | ImageManifest, name: string): ImageManifest {
  if (document.kind !== 'manifest') throw invalid(`${name} is no image manifest.`);
  const { mediaType } = document.config;
  if (isImageConfigType(mediaType)) return document;
  throw invalid(`${name} is no container image: its config has the media type ${mediaType}.`);
}

/** An image of a layout or a registry, its manifest and config checked against each other. */
export function ociImage(parts: OciImageParts, openLayer: OpenOciLayer): LoadedImage {
  const { name, manifest, config } = parts;
  const { diffIds } = config;
  if (diffIds.length !== manifest.layers.length) {
    const { length } = manifest.layers;
    throw invalid(`${name} has ${length} layers, and its config names ${diffIds.length}.`);
  }
  const createdBy = createdByOfLayers(config);
  const layers = manifest.layers.map((layer, index): SourceLayer => {
    const { digest, mediaType, size } = layer;
    if (layerCompression(mediaType) === undefined) {
      throw invalid(`${name} has a layer of the media type ${mediaType}, which is no file system.`);
    }
    const [diffId, made] = [diffIds[index], createdBy[index]];
    return {
      digest,
      mediaType,
      size,
      ...(diffId !== undefined && { diffId }),
      ...(made !== undefined && { createdBy: made }),
      open: () => openLayer(layer),
    };
  });
  const facts = factsOfConfig(config, {
    ...parts.names,
    configDigest: manifest.config.digest,
    size: manifest.layers.reduce((sum, { size }) => sum + size, 0),
  });
  return { facts, layers };
}

/** BuildKit's provenance and SBOM manifests, which stand in an index beside the images. */
export function isAttestation({ annotations, platform }: Descriptor): boolean {
  return (
    annotations['vnd.docker.reference.type'] === 'attestation-manifest' ||
    (platform?.os === 'unknown' && platform.architecture === 'unknown')
  );
}
