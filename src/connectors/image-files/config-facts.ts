import { historyOfLayers, type ImageConfig } from '../../formats/oci-config.ts';
import type { ImageFacts } from '../../model/catalogue.ts';

/** What an image's config says, in the words of the model. */
export function factsOfConfig(
  config: ImageConfig,
  rest: Pick<ImageFacts, 'tags' | 'size' | 'configDigest'> &
    Partial<Pick<ImageFacts, 'manifestDigest' | 'indexDigest'>>,
): ImageFacts {
  const { platform, created, author, user, entrypoint, command, exposedPorts, labels } = config;
  return {
    ...rest,
    platform,
    ...(created !== undefined && { created }),
    ...(author !== undefined && { author }),
    ...(user !== undefined && { user }),
    entrypoint,
    command,
    exposedPorts,
    labels,
  };
}

/** The command that made each layer, lowest first, where the history says. */
export function createdByOfLayers(config: ImageConfig): readonly (string | undefined)[] {
  return historyOfLayers(config, config.diffIds.length).map((line) => line?.createdBy);
}
