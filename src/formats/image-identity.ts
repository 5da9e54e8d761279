import type { ImageFacts } from '../model/catalogue.ts';
import { Failure } from '../model/errors.ts';
import { parseImageReference } from './image-reference.ts';
import { buildPurl } from './purl.ts';

/** How an SBOM names the image it is of. */
export type ImageIdentity = {
  /** The first name it goes by, else its digest. */
  readonly name: string;
  readonly version?: string;
  /** `pkg:oci/…`, for an image whose manifest digest and repository are known. */
  readonly purl?: string;
};

export function imageIdentity(image: ImageFacts): ImageIdentity {
  const version = image.manifestDigest ?? image.configDigest;
  const tag = image.tags[0];
  const name = tag ?? version ?? 'image';
  const purl = tag === undefined ? undefined : ociPurl(image, tag);
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
  };
}

/**
 * oci-definition.json: the name is the last part of the repository, the version its digest, and the
 * repository itself a qualifier.
 */
function ociPurl(image: ImageFacts, name: string): string | undefined {
  if (image.manifestDigest === undefined) return undefined;
  try {
    const reference = parseImageReference(name);
    return buildPurl({
      type: 'oci',
      name: reference.repository.slice(reference.repository.lastIndexOf('/') + 1),
      version: image.manifestDigest,
      qualifiers: {
        arch: image.platform.architecture,
        repository_url: `${reference.host}/${reference.repository}`,
        ...(reference.tag === undefined ? {} : { tag: reference.tag }),
      },
    });
  } catch (error) {
    // A tag from a hostile archive need not be a reference: the image then has no purl.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
