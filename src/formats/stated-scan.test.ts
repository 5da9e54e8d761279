import { describe, expect, it } from 'vitest';
import { EMPTY_SCAN, SAMPLE_SCAN } from '../../test/harness/sample-scan.ts';
import { cycloneDxText, writeCycloneDx } from './cyclonedx-out.ts';
import { readSbom } from './sbom-in.ts';
import { scanOfStated } from './stated-scan.ts';

const stamp = {
  uuid: '3e671687-395b-41f5-a30f-a58921a69b79',
  created: '2026-11-22T05:06:07.089Z',
  toolVersion: '0.1.0',
};

describe('a stated SBOM in the shape of a catalogue', () => {
  it.each([SAMPLE_SCAN, EMPTY_SCAN])('is the whole scan again when Wharfinger wrote it', (scan) => {
    const text = cycloneDxText(writeCycloneDx(scan, stamp));
    const { catalogue, image } = scan;
    const sorted = [...catalogue.components].sort((a, b) => (a.purl < b.purl ? -1 : 1));
    expect(scanOfStated(readSbom(Buffer.from(text), 'bom.json'), 'bom.json')).toEqual({
      image,
      catalogue: { ...catalogue, components: sorted },
    });
  });

  it('has the document itself as the proof where its author names no file', () => {
    const document = {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      metadata: { component: { type: 'container', name: 'app:1' } },
      components: [
        { type: 'library', name: 'X_y', purl: 'pkg:pypi/X_y@1' },
        { type: 'library', name: 'again', purl: 'pkg:pypi/x-y@1' },
        { type: 'library', name: 'nameless' },
        { type: 'file', name: 'a/file' },
      ],
    };
    const bytes = Buffer.from(JSON.stringify(document));
    const scan = scanOfStated(readSbom(bytes, 'bom.json'), 'bom.json');
    expect(scan.image.tags).toEqual(['app:1']);
    expect(scan.catalogue.components).toEqual([
      {
        type: 'pypi',
        name: 'X_y',
        version: '1',
        purl: 'pkg:pypi/x-y@1',
        locations: [{ path: 'bom.json', layer: 0, cataloguer: 'sbom' }],
      },
    ]);
    expect(scan.catalogue.problems).toEqual([
      { path: 'bom.json', message: 'nameless has no package URL that can be read.' },
    ]);
  });
});
