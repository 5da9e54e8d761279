import { describe, expect, it } from 'vitest';
import { readSbom } from './sbom-in.ts';
import { imageSubjectOf } from './sbom-subject.ts';

const digestA = `sha256:${'a'.repeat(64)}`;
const digestB = `sha256:${'b'.repeat(64)}`;

function cycloneDx(component: object | undefined) {
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    ...(component === undefined ? {} : { metadata: { component } }),
  };
  return imageSubjectOf(readSbom(Buffer.from(JSON.stringify(document)), 'x.json'));
}

describe('the image an SBOM is about', () => {
  it('is named by a version that is a digest', () => {
    const subject = cycloneDx({ type: 'container', name: 'wharf/app', version: digestA });

    expect(subject).toEqual({ name: 'wharf/app', digests: [digestA] });
  });

  it('is named by properties that hold its digest, and by none that hold a layer', () => {
    const properties = [
      { name: 'aquasecurity:trivy:ImageID', value: digestA },
      { name: 'aquasecurity:trivy:RepoDigest', value: `wharf/app@${digestB}` },
      { name: 'aquasecurity:trivy:DiffID', value: `sha256:${'c'.repeat(64)}` },
    ];

    const subject = cycloneDx({ type: 'container', name: 'wharf/app', properties });

    expect(subject?.digests).toEqual([digestA, digestB]);
  });

  it('is named by the version of an OCI package URL', () => {
    const purl = `pkg:oci/app@${encodeURIComponent(digestA)}`;

    expect(cycloneDx({ type: 'container', name: 'app', purl })?.digests).toEqual([digestA]);
  });

  it('is named by a hash only when the subject is a container', () => {
    const hashes = [{ alg: 'SHA-256', content: 'a'.repeat(64) }];

    expect(cycloneDx({ type: 'container', name: 'app', hashes })?.digests).toEqual([digestA]);
    expect(cycloneDx({ type: 'file', name: 'app', hashes })?.digests).toEqual([]);
  });

  it('is unknown where the document is about nothing', () => {
    expect(cycloneDx(undefined)).toBeUndefined();
    expect(cycloneDx({ type: 'application', name: 'shop', version: '1.2' })?.digests).toEqual([]);
  });
});
