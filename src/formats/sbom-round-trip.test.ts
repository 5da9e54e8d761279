import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../../test/harness/parts.ts';
import { EMPTY_SCAN } from '../../test/harness/sample-scan.ts';
import { cycloneDxSchema, spdxSchema } from '../../test/harness/sbom-schemas.ts';
import type { CataloguedComponent, ScannedImage } from '../model/catalogue.ts';
import type { Component } from '../model/component.ts';
import { cycloneDxText, writeCycloneDx } from './cyclonedx-out.ts';
import { buildPurl } from './purl.ts';
import { readSbom } from './sbom-in.ts';
import { spdxText, writeSpdx } from './spdx-out.ts';
import type { StatedSbom } from './stated-sbom.ts';

// Names, versions, licences and paths come out of hostile files: any text there is must come
// through, and must never make a document that its own schema refuses.

const stamp = {
  uuid: '3e671687-395b-41f5-a30f-a58921a69b79',
  created: '2026-11-22T05:06:07.089Z',
  toolVersion: '0.1.0',
};

const anyText = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.toWellFormed());
const segment = anyText.filter((text) => text !== '' && !text.includes('/'));
const licence = fc.oneof(
  fc.constantFrom('MIT', 'GPL-2.0-only OR MIT', 'LicenseRef-x', 'NOASSERTION', 'BSD', 'MIT AND'),
  anyText,
);
const source = fc.record({ name: segment, version: anyText });

const component: fc.Arbitrary<Component> = fc.record(
  {
    type: fc.constantFrom('deb', 'rpm', 'apk', 'npm', 'maven', 'golang', 'generic'),
    namespace: fc.array(segment, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('/')),
    name: segment,
    version: fc.oneof(anyText, fc.constant('9'.repeat(2000))),
    qualifiers: fc.dictionary(
      fc.constantFrom('arch', 'distro', 'epoch'),
      anyText.filter((text) => text !== ''),
      { minKeys: 1, noNullPrototype: true },
    ),
    licences: fc.array(licence, { minLength: 1, maxLength: 3 }),
    source,
  },
  { requiredKeys: ['type', 'name', 'version'] },
);

const location = fc.record({
  path: anyText,
  layer: fc.nat({ max: 200 }),
  cataloguer: fc.constantFrom('dpkg', 'go-binary'),
});

const catalogued: fc.Arbitrary<CataloguedComponent> = fc
  .tuple(component, fc.array(location, { minLength: 1, maxLength: 3 }), fc.option(anyText))
  .map(([parts, locations, ownedBy]) => ({
    ...parts,
    purl: buildPurl(parts),
    locations,
    ...(ownedBy === null ? {} : { ownedBy }),
  }));

const scans: fc.Arbitrary<ScannedImage> = fc
  .tuple(fc.array(catalogued, { maxLength: 4 }), fc.array(catalogued, { maxLength: 2 }), anyText)
  .map(([components, declared, words]) => ({
    image: { ...EMPTY_SCAN.image, tags: [words], labels: { [words]: words }, author: words },
    catalogue: {
      ...EMPTY_SCAN.catalogue,
      components,
      declared,
      problems: [{ path: words, message: words }],
      executables: { total: 1, unexplained: 1, unexplainedPaths: [words] },
    },
  }));

function componentsOf(sbom: StatedSbom) {
  const read = sbom.components.filter((each) => each.purl !== undefined);
  const back = (declared: boolean) =>
    read
      .filter((each) => each.declared === declared)
      .map(({ component: parts, purl, locations, ownedBy }) => ({
        ...parts,
        purl,
        locations,
        ...(ownedBy === undefined ? {} : { ownedBy }),
      }));
  return { components: back(false), declared: back(true) };
}

const formats: [string, (scan: ScannedImage) => string, () => (value: unknown) => boolean][] = [
  [
    'CycloneDX 1.6',
    (scan) => cycloneDxText(writeCycloneDx(scan, stamp, '1.6')),
    () => cycloneDxSchema('1.6'),
  ],
  [
    'CycloneDX 1.7',
    (scan) => cycloneDxText(writeCycloneDx(scan, stamp, '1.7')),
    () => cycloneDxSchema('1.7'),
  ],
  ['SPDX 2.3', (scan) => spdxText(writeSpdx(scan, stamp)), () => spdxSchema('2.3')],
];

describe.each(formats)('%s', (_, write, schema) => {
  it('gives back any component letter for letter', () => {
    fc.assert(
      fc.property(scans, (scan) => {
        const { components, declared } = scan.catalogue;
        const back = componentsOf(readSbom(Buffer.from(write(scan)), 'x'));
        expect(back).toEqual({ components, declared });
      }),
      { numRuns: 200 },
    );
  });

  describeWith(['test-data'], 'by its schema', () => {
    it('is valid for any of them', () => {
      const isValid = schema();
      fc.assert(
        fc.property(scans, (scan) => {
          expect(isValid(JSON.parse(write(scan)))).toBe(true);
        }),
        { numRuns: 100 },
      );
    });
  });
});
