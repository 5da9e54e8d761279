import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildElf, buildMachO, buildPe } from '../../../../test/harness/executable-builder.ts';
import { viewOfBytes, withFile } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { testData } from '../../../../test/harness/vectors.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { rustAuditable } from './rust-auditable.ts';

const packages = [
  { name: 'app', version: '0.1.0', source: 'local', dependencies: [1, 2], root: true },
  { name: 'serde', version: '1.0.217', source: 'crates.io' },
  { name: 'cc', version: '1.2.0', source: 'crates.io', kind: 'build' },
  { name: 'forked', version: '2.0.0-rc.1', source: 'git' },
];
const sectionOf = (list: unknown): Buffer => deflateSync(JSON.stringify(list));
const elfOf = (bytes: Buffer): Buffer => buildElf({ sections: [{ name: '.dep-v0', bytes }] });
const scan = (bytes: Uint8Array): FileFindings =>
  rustAuditable.parse(viewOfBytes('bin/app', bytes));
const namesOf = (findings: FileFindings): string[] =>
  (findings.components ?? []).map(({ component }) => `${component.name}@${component.version}`);

const expected = ['app@0.1.0', 'serde@1.0.217', 'forked@2.0.0-rc.1'];

describe('a Rust program built by cargo-auditable', () => {
  it('names its crates, but not those that only ran during its build', () => {
    expect(namesOf(scan(elfOf(sectionOf({ packages }))))).toEqual(expected);
  });

  it('is explained by its root crate', () => {
    const findings = scan(elfOf(sectionOf({ packages })));

    expect(findings.components?.[0]).toEqual({
      component: { type: 'cargo', name: 'app', version: '0.1.0' },
      key: 'rust-auditable:bin/app',
    });
    expect(findings.ownerships).toEqual([{ by: 'rust-auditable:bin/app', paths: 'bin/app' }]);
  });

  it('is read as PE and Mach-O too', () => {
    const bytes = sectionOf({ packages });

    expect(namesOf(scan(buildPe([{ name: '.dep-v0', bytes }])))).toEqual(expected);
    expect(namesOf(scan(buildMachO([{ name: '__DATA,.dep-v0', bytes }])))).toEqual(expected);
  });

  it.each<[string, Buffer]>([
    ['is no compressed text', Buffer.from('nonsense')],
    ['is no list', sectionOf({ packages: 'all' })],
    ['names a crate by what is no name', sectionOf({ packages: [{ name: '../x', version: '1' }] })],
    ['unpacks without end', deflateSync(Buffer.alloc(16 * 1024 * 1024))],
    ['nests without end', deflateSync('['.repeat(1_000_000))],
  ])('whose list %s is a problem', (_, bytes) => {
    expect(scan(elfOf(bytes))).toEqual({
      problems: ['The list of Rust crates in section .dep-v0 cannot be read.'],
    });
  });

  it('without that section says nothing', () => {
    expect(scan(buildElf({ sections: [] }))).toEqual({});
  });

  it('never makes the cataloguer throw, whatever its bytes are', () => {
    const seed = elfOf(sectionOf({ packages }));
    const change = fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const file = Buffer.from(seed);
        for (const [at, value] of changes) file[at] = value;
        expect(namesOf(scan(file)).length).toBeLessThanOrEqual(packages.length);
      }),
      { numRuns: 1000 },
    );
  });
});

const VECTORS = testData('vectors', 'packages', 'rust-auditable');

describeWith(['test-data'], 'Rust programs written by others', () => {
  const vector = (...path: string[]): FileFindings =>
    withFile(join(VECTORS, ...path), (file) => rustAuditable.parse(file));

  it('uses_serde_json names the crates that its main.rs says it uses, and theirs', () => {
    expect(namesOf(vector('uses_serde_json', 'uses_serde_json')).sort()).toEqual(
      [
        'itoa@1.0.14',
        'memchr@2.7.4',
        'proc-macro2@1.0.92',
        'quote@1.0.38',
        'ryu@1.0.18',
        'serde@1.0.217',
        'serde_derive@1.0.217',
        'serde_json@1.0.135',
        'syn@2.0.95',
        'unicode-ident@1.0.14',
        'uses_json@0.1.0',
      ].sort(),
    );
  });

  it('no_deps is a crate alone, and not_binary none', () => {
    expect(namesOf(vector('no_deps', 'no_deps'))).toEqual(['no_deps@0.1.0']);
    expect(vector('not_binary', 'not_binary')).toEqual({});
  });
});
