import { describe, expect, it } from 'vitest';
import { describeWith } from '../../test/harness/parts.ts';
import { EMPTY_SCAN, SAMPLE_SCAN } from '../../test/harness/sample-scan.ts';
import { cycloneDxSchema } from '../../test/harness/sbom-schemas.ts';
import { cycloneDxText, writeCycloneDx } from './cyclonedx-out.ts';

const stamp = {
  uuid: '3e671687-395b-41f5-a30f-a58921a69b79',
  created: '2026-11-22T05:06:07.089Z',
  toolVersion: '0.1.0',
};

describeWith(['test-data'], 'a CycloneDX document', () => {
  it.each(['1.6', '1.7'] as const)('of version %s is valid by its schema', (version) => {
    const isValid = cycloneDxSchema(version);
    for (const scan of [SAMPLE_SCAN, EMPTY_SCAN]) {
      const text = cycloneDxText(writeCycloneDx(scan, stamp, version));
      expect(isValid(JSON.parse(text)), JSON.stringify(isValid.errors)).toBe(true);
    }
  });
});

describe('a CycloneDX document', () => {
  const document = writeCycloneDx(SAMPLE_SCAN, stamp);
  const named = (name: string) => document.components.find((each) => each.name === name);

  it('names the image by its first tag, its digest and its oci purl', () => {
    expect(document.metadata.component).toMatchObject({
      type: 'container',
      name: 'registry.example/team/app:1.2',
      purl: `pkg:oci/app@sha256:${'a1'.repeat(32)}?arch=arm64&repository_url=registry.example%2Fteam%2Fapp&tag=1.2`,
      hashes: [{ alg: 'SHA-256', content: 'a1'.repeat(32) }],
    });
  });

  it('has the operating system and every component in one flat list, purls as references', () => {
    expect(document.components.map((each) => each['bom-ref'])).toEqual([
      'operating-system',
      ...SAMPLE_SCAN.catalogue.components.map((each) => each.purl),
      'pkg:npm/left-pad@1.3.0',
    ]);
  });

  it('says where a component was seen and in which layer', () => {
    expect(named('libstdc++6')?.evidence?.occurrences).toEqual([
      { location: 'var/lib/dpkg/status', additionalContext: 'layer=0 cataloguer=dpkg' },
      { location: 'var/lib/dpkg/status.d/x y', additionalContext: 'layer=1 cataloguer=dpkg' },
    ]);
  });

  it('tells declared components apart', () => {
    expect(named('left-pad')).toMatchObject({ scope: 'excluded' });
    expect(named('left-pad')?.properties?.[0]).toEqual({
      name: 'wharfinger:declared',
      value: 'true',
    });
    expect(named('core')).not.toHaveProperty('scope');
  });

  it('writes a licence as an id, an expression or the words it came with', () => {
    expect(named('core')?.licenses).toEqual([{ license: { id: 'MIT' } }]);
    expect(named('Zope_Interface')?.licenses).toEqual([{ expression: 'MIT OR Apache-2.0' }]);
    expect(named('commons-io')?.licenses).toEqual([{ license: { name: 'The Apache Licence' } }]);
  });

  it('lists several licences one by one, since up to 1.6 an expression must stand alone', () => {
    const several = named('libstdc++6')?.licenses;
    expect(several?.[0]).toEqual({ license: { name: 'GPL-3.0-only WITH GCC-exception-3.1' } });
    expect(several?.[1]).toEqual({ license: { id: 'LGPL-2.1-or-later' } });
    const newer = writeCycloneDx(SAMPLE_SCAN, stamp, '1.7').components[1]?.licenses;
    expect(newer?.[0]).toEqual({ expression: 'GPL-3.0-only WITH GCC-exception-3.1' });
  });

  it('says that it is partial, and never that it is complete', () => {
    expect(document.compositions[0]?.aggregate).toBe('incomplete');
    expect(writeCycloneDx(EMPTY_SCAN, stamp).compositions[0]?.aggregate).toBe('unknown');
    expect(document.metadata.properties).toContainEqual({
      name: 'wharfinger:executables:unexplainedPath',
      value: 'opt/b c',
    });
  });

  it('gives a second component of the same purl a reference of its own', () => {
    const { catalogue, image } = SAMPLE_SCAN;
    const twice = { ...catalogue, declared: catalogue.components.slice(0, 1) };
    const { components } = writeCycloneDx({ image, catalogue: twice }, stamp);
    const references = components.map((each) => each['bom-ref']);
    expect(new Set(references).size).toBe(references.length);
  });

  it('is the same bytes for the same catalogue and stamp', () => {
    expect(cycloneDxText(writeCycloneDx(SAMPLE_SCAN, stamp))).toBe(cycloneDxText(document));
  });
});
