import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../../test/harness/parts.ts';
import { testData } from '../../test/harness/vectors.ts';
import type { Component } from '../model/component.ts';
import { Failure } from '../model/errors.ts';
import { buildPurl, canonicalPurl, parsePurl, parseStatedPurl } from './purl.ts';

type Vector = {
  description: string;
  test_type: 'parse' | 'build' | 'validate';
  input: unknown;
  expected_output?: unknown;
  expected_failure: boolean;
};

const folder = testData('vectors', 'purl');

/** The parts as the vectors write them, nulls for what is absent, into a Component. */
function fromVector(parts: unknown): Component {
  const given = parts as Record<string, unknown>;
  const present = Object.entries(given).filter(([, value]) => value !== null);
  return { name: '', version: '', type: '', ...Object.fromEntries(present) };
}

function run(vector: Vector): unknown {
  if (vector.test_type === 'build') return buildPurl(fromVector(vector.input));
  if (vector.test_type === 'validate') return canonicalPurl(String(vector.input));
  return parsePurl(String(vector.input));
}

describeWith(['test-data'], 'the package URL specification’s own vectors', () => {
  const files = ['spec', 'types'].flatMap((kind) =>
    folder === '' ? [] : readdirSync(join(folder, kind)).map((name) => join(kind, name)),
  );
  it('are there', () => expect(files.length).toBeGreaterThan(30));

  it.each(files)('%s', (file) => {
    const { tests } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { tests: Vector[] };
    expect(tests.length).toBeGreaterThan(0);
    for (const vector of tests) {
      const name = `${vector.test_type} ${JSON.stringify(vector.input)}`;
      if (vector.expected_failure) {
        expect(() => run(vector), name).toThrow(Failure);
      } else if (vector.test_type === 'parse') {
        expect(run(vector), name).toEqual(fromVector(vector.expected_output));
      } else {
        expect(run(vector), name).toBe(vector.expected_output);
      }
    }
  });
});

describe('building a package URL', () => {
  it.each<[string, Component]>([
    [
      'pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14?arch=amd64&distro=debian-12',
      {
        type: 'deb',
        namespace: 'debian',
        name: 'libstdc++6',
        version: '1:12.2.0-14',
        qualifiers: { distro: 'debian-12', arch: 'amd64' },
      },
    ],
    [
      'pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&epoch=1',
      {
        type: 'rpm',
        namespace: 'Fedora',
        name: 'curl',
        version: '7.50.3-1.fc25',
        qualifiers: { epoch: '1', arch: 'i386' },
      },
    ],
    ['pkg:pypi/zope.interface@5.0', { type: 'pypi', name: 'Zope.Interface', version: '5.0' }],
    ['pkg:pypi/ruamel-yaml@0.17', { type: 'pypi', name: 'ruamel_yaml', version: '0.17' }],
    [
      'pkg:golang/github.com/BurntSushi/toml@v1.2.1',
      { type: 'golang', namespace: 'github.com/BurntSushi', name: 'toml', version: 'v1.2.1' },
    ],
    ['pkg:golang/stdlib@1.22.1', { type: 'golang', name: 'stdlib', version: '1.22.1' }],
    ['pkg:maven/a/b@1%2F2%20x', { type: 'maven', namespace: 'a', name: 'b', version: '1/2 x' }],
    ['pkg:generic/a%21%27%28%29%2A', { type: 'generic', name: "a!'()*", version: '' }],
    ['pkg:gem/x', { type: 'gem', name: 'x', version: '', qualifiers: { platform: '' } }],
    ['pkg:generic/x#a/b', { type: 'generic', name: 'x', version: '', subpath: '/a/./../b/' }],
  ])('%s', (purl, component) => {
    expect(buildPurl(component)).toBe(purl);
  });

  it('turns a lone surrogate of a hostile name into U+FFFD', () => {
    expect(buildPurl({ type: 'npm', name: 'a\ud800', version: '1' })).toBe('pkg:npm/a%EF%BF%BD@1');
  });

  it.each<[string, Component]>([
    ['an empty name', { type: 'npm', name: '', version: '1' }],
    ['a name of slashes', { type: 'npm', name: '//', version: '1' }],
    ['a type that begins with a digit', { type: '7z', name: 'a', version: '1' }],
    [
      'a qualifier key with a space',
      { type: 'npm', name: 'a', version: '', qualifiers: { 'a b': '1' } },
    ],
    ['a namespace where there is none', { type: 'gem', namespace: 'x', name: 'a', version: '' }],
  ])('refuses %s', (_, component) => {
    expect(() => buildPurl(component)).toThrow(Failure);
  });
});

describe('reading a package URL', () => {
  it('says what is wrong and quotes the text', () => {
    expect(() => parsePurl('pkg:npm')).toThrow(
      '"pkg:npm" is no package URL: it has no name after its type.',
    );
    expect(() => parsePurl('pkg:npm/a@%zz')).toThrow('"%zz" is not percent-encoded UTF-8');
  });

  it('refuses a repeated qualifier, and reads the first of a stated one', () => {
    expect(() => parsePurl('pkg:npm/a?x=1&x=2')).toThrow('is there twice');
    expect(parseStatedPurl('pkg:npm/a?x=1&X=2').qualifiers).toEqual({ x: '1' });
  });

  it('keeps a key named __proto__ out of the prototype', () => {
    expect(() => parsePurl('pkg:npm/a?__proto__=1')).toThrow(Failure);
  });

  it('refuses a text longer than any purl before it looks at it', () => {
    expect(() => parsePurl(`pkg:npm/${'a'.repeat(20_000)}`)).toThrow('is not read');
  });

  const word = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 12 })
    .map((s) => s.toWellFormed());
  const segment = word.filter((s) => !s.includes('/') && s !== '.' && s !== '..');
  const component = fc.record(
    {
      type: fc.constantFrom('npm', 'maven', 'generic', 'golang', 'conan'),
      namespace: fc.array(segment, { minLength: 1, maxLength: 3 }).map((s) => s.join('/')),
      name: segment,
      version: fc.string({ unit: 'grapheme' }).map((s) => s.toWellFormed()),
      qualifiers: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9._-]{0,5}$/), word, {
        minKeys: 1,
        noNullPrototype: true,
      }),
      subpath: fc.array(segment, { minLength: 1, maxLength: 3 }).map((s) => s.join('/')),
    },
    { requiredKeys: ['type', 'name', 'version'] },
  );

  it('gives back the parts it was built from', () => {
    fc.assert(
      fc.property(component, (parts) => {
        expect(parsePurl(buildPurl(parts))).toEqual(parts);
      }),
    );
  });

  it('ends in parts or in a Failure whatever it is given, and canonical is canonical', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tail) => {
        let once: string;
        try {
          once = canonicalPurl(`pkg:npm/${tail}`);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          return;
        }
        expect(canonicalPurl(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});
