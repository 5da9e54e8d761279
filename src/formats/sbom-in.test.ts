import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../../test/harness/parts.ts';
import { EMPTY_SCAN, SAMPLE_SCAN } from '../../test/harness/sample-scan.ts';
import { cycloneDxSchema } from '../../test/harness/sbom-schemas.ts';
import { testData, testDataFolder } from '../../test/harness/vectors.ts';
import type { ScannedImage } from '../model/catalogue.ts';
import { Failure } from '../model/errors.ts';
import { cycloneDxText, writeCycloneDx } from './cyclonedx-out.ts';
import { readSbom } from './sbom-in.ts';
import { spdxText, writeSpdx } from './spdx-out.ts';
import type { StatedComponent, StatedSbom } from './stated-sbom.ts';

const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

describeWith(['test-data'], 'the CycloneDX project’s own documents', () => {
  const documents = ['1.4', '1.5', '1.6'].flatMap((version) =>
    testDataFolder() === undefined
      ? []
      : readdirSync(testData('vectors', 'cyclonedx', version)).map((name) => join(version, name)),
  );
  const read = (name: string) => readFileSync(testData('vectors', 'cyclonedx', name));

  it('are there', () => expect(documents.length).toBeGreaterThan(150));

  it.each(documents.filter((name) => name.includes('/valid-')))('%s is read', (name) => {
    expect(readSbom(read(name), name).format).toBe('CycloneDX');
  });

  it.each(documents.filter((name) => name.includes('/invalid-')))('%s is refused', (name) => {
    let sentence = '';
    try {
      readSbom(read(name), name);
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      sentence = error instanceof Failure ? error.message : '';
    }
    expect(sentence).toMatch(/^1\.\d\/invalid-\S+ at \/\S*: .+\.$/);
  });

  it('are read as 1.7 too where its schema lets them', () => {
    const isValid = cycloneDxSchema('1.7');
    const newest = documents.filter((name) => name.startsWith('1.6/valid-'));
    for (const name of newest) {
      const value = { ...(JSON.parse(read(name).toString()) as object), specVersion: '1.7' };
      if (isValid(value)) expect(readSbom(bytes(value), name).formatVersion).toBe('1.7');
    }
  });
});

describeWith(['test-data'], 'the SPDX project’s own document', () => {
  const example = () => readFileSync(testData('vectors', 'spdx', 'example.spdx.json'));

  it('is read with its packages, checksums, licences and relationships', () => {
    const sbom = readSbom(example(), 'example');
    expect(sbom).toMatchObject({
      format: 'SPDX',
      formatVersion: '2.2',
      created: '2010-01-29T18:30:22Z',
      tools: ['LicenseFind-1.0'],
      authors: ['ExampleCodeInspect', 'Jane Doe'],
    });
    const glibc = sbom.components.find((each) => each.name === 'glibc');
    expect(glibc).toMatchObject({ version: '2.11.1', supplier: 'Jane Doe (jane.doe@example.com)' });
    expect(glibc?.hashes.length).toBeGreaterThan(1);
    expect(sbom.relationships).toContainEqual({
      from: 'SPDXRef-DOCUMENT',
      kind: 'CONTAINS',
      to: 'SPDXRef-Package',
    });
  });
});

const stamp = {
  uuid: '3e671687-395b-41f5-a30f-a58921a69b79',
  created: '2026-11-22T05:06:07.089Z',
  toolVersion: '0.1.0',
};

/** What a stated component says, in the words of a catalogued one. */
function backAgain(stated: StatedComponent): unknown {
  const { component, purl, locations, ownedBy } = stated;
  return { ...component, purl, locations, ...(ownedBy === undefined ? {} : { ownedBy }) };
}

function cataloguedOf(sbom: StatedSbom): unknown {
  const all = sbom.components.filter((each) => each.component !== undefined);
  return {
    components: all.filter((each) => !each.declared).map(backAgain),
    declared: all.filter((each) => each.declared).map(backAgain),
  };
}

describe('a round trip', () => {
  const writers: [string, (scan: ScannedImage) => string][] = [
    ['CycloneDX 1.6', (scan) => cycloneDxText(writeCycloneDx(scan, stamp, '1.6'))],
    ['CycloneDX 1.7', (scan) => cycloneDxText(writeCycloneDx(scan, stamp, '1.7'))],
    ['SPDX 2.3', (scan) => spdxText(writeSpdx(scan, stamp))],
  ];

  it.each(writers)('through %s gives back every component with all that it says', (_, write) => {
    for (const scan of [SAMPLE_SCAN, EMPTY_SCAN]) {
      const { components, declared } = scan.catalogue;
      expect(cataloguedOf(readSbom(bytes(write(scan)), 'x'))).toEqual({ components, declared });
    }
  });

  it.each(writers)('through %s gives back what the document is of and who wrote it', (_, write) => {
    const sbom = readSbom(bytes(write(SAMPLE_SCAN)), 'x');
    expect(sbom.subject).toMatchObject({
      kind: 'container',
      name: 'registry.example/team/app:1.2',
      hashes: [{ value: 'a1'.repeat(32) }],
    });
    expect(sbom.tools.join()).toMatch(/^wharfinger[ -]0\.1\.0$/);
    expect(sbom.created?.slice(0, 19)).toBe('2026-11-22T05:06:07');
    expect(sbom.components).toContainEqual(
      expect.objectContaining({ kind: 'operating-system', name: 'debian', version: '12' }),
    );
  });
});

const library = (extra: object) => ({ type: 'library', name: 'x', version: '1', ...extra });
const cycloneDx = (extra: object) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  ...extra,
});

describe('somebody’s CycloneDX document', () => {
  it('has its nested components flattened, and who contains whom kept', () => {
    const inner = library({
      'bom-ref': 'b',
      name: 'inner',
      components: [library({ 'bom-ref': 'c' })],
    });
    const sbom = readSbom(
      bytes(cycloneDx({ components: [library({ 'bom-ref': 'a', components: [inner] })] })),
      'x',
    );
    expect(sbom.components.map((each) => each.reference)).toEqual(['a', 'b', 'c']);
    expect(sbom.relationships).toEqual([
      { from: 'a', kind: 'contains', to: 'b' },
      { from: 'b', kind: 'contains', to: 'c' },
    ]);
  });

  it('has its dependencies kept as stated', () => {
    const dependencies = [{ ref: 'a', dependsOn: ['b'], provides: ['c'] }];
    expect(readSbom(bytes(cycloneDx({ dependencies })), 'x').relationships).toEqual([
      { from: 'a', kind: 'dependsOn', to: 'b' },
      { from: 'a', kind: 'provides', to: 'c' },
    ]);
  });

  it('keeps a purl as stated beside its parts, and one that cannot be read without them', () => {
    const components = [library({ purl: 'pkg:PYPI/A_b@1?X=1' }), library({ purl: 'cargo:x' })];
    const sbom = readSbom(bytes(cycloneDx({ components })), 'x');
    expect(sbom.components[0]).toMatchObject({
      purl: 'pkg:PYPI/A_b@1?X=1',
      component: { type: 'pypi', name: 'a-b', qualifiers: { x: '1' } },
    });
    expect(sbom.components[1]?.purl).toBe('cargo:x');
    expect(sbom.components[1]).not.toHaveProperty('component');
    expect(sbom.problems).toEqual([
      '1 package URLs cannot be read. The first: "cargo:x" is no package URL: it does not begin with pkg:.',
    ]);
  });

  it.each<[string, unknown, string]>([
    ['the wrong version', cycloneDx({ specVersion: '1.3' }), 'x at /specVersion: "1.3" is not a'],
    [
      'a component that is a text',
      cycloneDx({ components: ['a'] }),
      'x at /components/0: expected',
    ],
    [
      'a member nobody knows',
      cycloneDx({ components: [library({ 'a/b': 1 })] }),
      'x at /components/0: "a/b" is not known here.',
    ],
    [
      'a fault deep inside',
      cycloneDx({ components: [library({ components: [library({ hashes: [{ alg: 'MD5' }] })] })] }),
      'x at /components/0/components/0/hashes/0: "content" is missing.',
    ],
    [
      'a reference taken twice, one of them nested',
      cycloneDx({
        components: [library({ 'bom-ref': 'r', components: [library({ 'bom-ref': 'r' })] })],
      }),
      'x at /components/0/components/0/bom-ref: the reference "r" is taken',
    ],
    [
      'a date of no month',
      cycloneDx({ metadata: { timestamp: '2026-13-01T00:00:00Z' } }),
      'no date',
    ],
  ])('is refused for %s', (_, value, sentence) => {
    expect(() => readSbom(bytes(value), 'x')).toThrow(sentence);
  });
});

describe('somebody’s SPDX document', () => {
  const spdx = (extra: object) => ({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'n',
    creationInfo: { created: '2026-01-02T03:04:05Z', creators: ['Tool: syft-1.57'] },
    ...extra,
  });
  const one = (extra: object) => ({
    SPDXID: 'SPDXRef-a',
    name: 'a',
    downloadLocation: 'NOASSERTION',
    ...extra,
  });

  it('has the extracted licence named by its name', () => {
    const licensed = one({ licenseDeclared: 'LicenseRef-1', licenseConcluded: 'MIT' });
    const infos = [{ licenseId: 'LicenseRef-1', name: 'Their own', extractedText: 'long' }];
    const sbom = readSbom(
      bytes(spdx({ packages: [licensed], hasExtractedLicensingInfos: infos })),
      'x',
    );
    expect(sbom.components[0]?.licences).toEqual(['Their own']);
  });

  it.each<[string, unknown, string]>([
    ['another version', spdx({ spdxVersion: 'SPDX-2.1' }), 'x at /spdxVersion'],
    ['an id twice', spdx({ packages: [one({}), one({})] }), 'x at /packages/1/SPDXID: the id'],
    [
      'an id of odd letters',
      spdx({ packages: [one({ SPDXID: 'a b' })] }),
      'x at /packages/0/SPDXID',
    ],
    [
      'no creators',
      spdx({ creationInfo: { created: '2026-01-02T03:04:05Z', creators: [] } }),
      'short',
    ],
    [
      'an invented relationship',
      spdx({
        relationships: [
          { spdxElementId: 'SPDXRef-a', relatedSpdxElement: 'NONE', relationshipType: 'LIKES' },
        ],
      }),
      'x at /relationships/0/relationshipType: "LIKES" is not a relationship that SPDX names.',
    ],
  ])('is refused for %s', (_, value, sentence) => {
    expect(() => readSbom(bytes(value), 'x')).toThrow(sentence);
  });
});

describe('a file that is no SBOM read here', () => {
  it.each([
    [[0x1f, 0x8b, 8], 'is a gzip file,'],
    [[0xff, 0xfe, 0x7b, 0], 'is UTF-16 text,'],
  ])('of bytes %j is refused: %s', (start, sentence) => {
    expect(() => readSbom(Uint8Array.from(start), 'x')).toThrow(sentence);
  });

  it.each([
    ['<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4">', 'is CycloneDX XML,'],
    ['SPDXVersion: SPDX-2.3\n', 'is SPDX tag-value,'],
    ['{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}', 'is SPDX 3 (JSON-LD),'],
    ['{"a":1}', 'is JSON and no SBOM'],
    ['[]', 'is JSON and no SBOM'],
    ['', 'The JSON is not valid'],
    [`{"bomFormat":${'['.repeat(1000)}`, 'nested more than 200 levels deep'],
  ])('%j is refused: %s', (content, sentence) => {
    expect(() => readSbom(bytes(content), 'x')).toThrow(sentence);
  });
});
