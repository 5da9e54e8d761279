import { isDigest } from './digest.ts';
import { OWN_PREFIX } from './sbom-stamp.ts';
import type { StatedComponent, StatedSbom } from './stated-sbom.ts';

/** Which image an SBOM says it is about: every digest its author gives for it, and a name. */
export type SbomSubject = {
  readonly name: string;
  /** Of a manifest, an index or a config; authors seldom say which. */
  readonly digests: readonly string[];
};

/**
 * Properties of the subject that hold a digest of the image itself. Others hold digests of layers
 * (`aquasecurity:trivy:DiffID`), which name no image.
 */
const DIGEST_PROPERTIES: ReadonlySet<string> = new Set([
  `${OWN_PREFIX}image:manifestDigest`,
  `${OWN_PREFIX}image:configDigest`,
  'aquasecurity:trivy:ImageID',
  'aquasecurity:trivy:RepoDigest',
]);

const DIGESTS_MAX = 20;

/**
 * Where authors put the image's digest: trivy into properties, syft into the version (CycloneDX) or
 * the checksums and an OCI package URL (SPDX); oci-definition.json of the purl specification makes
 * the digest the version of `pkg:oci`. Undefined when the document is about nothing by name.
 */
export function imageSubjectOf(sbom: StatedSbom): SbomSubject | undefined {
  const { subject } = sbom;
  if (subject === undefined) return undefined;
  const stated = [
    subject.version,
    ...(subject.component?.type === 'oci' ? [subject.component.version] : []),
    ...subject.properties
      .filter((property) => DIGEST_PROPERTIES.has(property.name))
      .map((property) => property.value),
    ...ownHashes(subject),
  ].map((text) => text.slice(text.lastIndexOf('@') + 1));
  return {
    name: subject.name,
    digests: [...new Set(stated.filter(isDigest))].slice(0, DIGESTS_MAX),
  };
}

/** A hash of a container is the digest of its manifest; of anything else, of some file. */
function ownHashes(subject: StatedComponent): string[] {
  if (subject.kind !== 'container') return [];
  return subject.hashes
    .filter(({ algorithm }) => /^sha-?256$/i.test(algorithm))
    .map(({ value }) => `sha256:${value.toLowerCase()}`);
}
