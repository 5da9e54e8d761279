import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../../test/harness/parts.ts';
import { compareVersions } from './version-order.ts';

/** Versions in rising order: each is older than all behind it. */
const RISING: readonly (readonly [type: string, source: string, versions: string])[] = [
  ['deb', 'deb-version(7)', '1.0~~ 1.0~~a 1.0~ 1.0 1.0-1 1.0a 1.0+b1 1.0.1 1.10 1:0.1'],
  ['opkg', 'deb-version(7)', '1.0~rc1 1.0 1.0-1'],
  [
    'apk',
    'apk-package(5)',
    '1.0_alpha 1.0_alpha1 1.0_beta 1.0_pre 1.0_rc 1.0_rc2 1.0 1.0-r1 1.0-r10 1.0_cvs 1.0_svn ' +
      '1.0_git 1.0_hg 1.0_p 1.0_p1 1.0a 1.0b 1.0.01 1.0.1 1.0.2 1.0.10 2',
  ],
  ['rpm', 'rpm-version(7)', '1.0~rc1 1.0 1.0^git1 1.0^git2 1.0a 1.0.1 1.0.10 1.1-1 1:0.5 2:0'],
  ['rpm', 'rpm-version(7), releases', '1-1~a 1-1 1-1.el9 1-2.el9 1-10'],
  ['alpm', 'vercmp(8)', '1.0a 1.0b 1.0beta 1.0p 1.0pre 1.0rc 1.0 1.0.a 1.0.1'],
  ['alpm', 'vercmp(8)', '1 1.0 1.1 1.1.1 1.2 2.0 3.0.0 1:0.1'],
  [
    'npm',
    'semver.org §11',
    '1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 ' +
      '1.0.0 2.0.0 2.1.0 2.1.1',
  ],
  ['cargo', 'semver.org §11', '0.9.0 0.10.0-0 0.10.0'],
  [
    'golang',
    'go.dev/ref/mod',
    'v0.0.0-20190101000000-aaaaaaaaaaaa v0.0.0-20200101000000-000000000000 v1.2.3 ' +
      'v1.2.4-0.20200101000000-000000000000 v1.2.4 v2.0.0+incompatible v3.0.0',
  ],
  ['golang', 'the Go releases', 'go1.20 1.21.0-0 go1.21beta1 go1.21rc2 go1.21rc10 go1.21.1'],
  [
    'pypi',
    'PEP 440',
    '1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 ' +
      '1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 ' +
      '1.0.post456 1.0.15 1.1.dev1 1!0.1',
  ],
  ['pypi', 'the rule before PEP 440', '0.1-bulbasaur 0.1-charmander 0.5m4 0.6m1 99.dog 0.0.1'],
  [
    'maven',
    'POM reference, Version Order Specification',
    '1-alpha 1-alpha-2 1-beta 1-milestone 1-rc 1-snapshot 1 1-sp 1-abc 1-xyz 1-1 1.1',
  ],
  ['gem', 'Gem::Version', '1.0.a 1.0.a.2 1.0.b1 1.0 1.0.1-rc1 1.0.1 1.9 1.10'],
  ['nuget', 'NuGet package versioning', '1.0.0-alpha 1.0.0-BETA 1.0.0-rc 1.0.0 1.0.0.1 1.0.1'],
  [
    'composer',
    'version_compare()',
    'dev-main 1.0-dev 1.0alpha1 1.0b1 1.0RC1 1.0rc2 1.0 1.0.1 1.0pl1',
  ],
  ['cran', 'R package_version()', '0.9 0.75 1.0 1.0-0 1.0-1 1.0.2'],
  ['hackage', 'Data.Version', '1 1.0 1.0.0 1.1 1.10'],
  ['pub', 'dart.dev', '1.0.0-a 1.0.0-a+1 1.0.0 1.0.0+1 1.0.0+2 1.0.0+a 1.0.1'],
  ['generic', 'like semver', '1.1.1.1 1.1.1.2 1.1.2-rc1 1.1.2'],
];

describe('versions in their ecosystem’s order', () => {
  it.each(RISING)('%s by %s', (type, _source, text) => {
    const versions = text.split(' ');
    const wrong = versions.flatMap((one, at) =>
      versions
        .slice(at + 1)
        .filter((other) => !(Number(compareVersions(type, one, other)) < 0))
        .map((other) => `${one} < ${other}`),
    );
    expect(wrong).toEqual([]);
    expect(versions.length).toBeGreaterThan(2);
  });

  it.each([
    ['deb', '1.0', '0:1.0-0'],
    ['deb', '1.01', '1.1'],
    ['apk', '1.0-r01', '1.0-r1'],
    ['rpm', '1.0', '1_0'],
    ['rpm', '0:1.0-1', '1.0-1'],
    ['alpm', '1.0', '1.0-1'],
    ['npm', 'v1.0.0', '1.0.0+build'],
    ['npm', '1.2', '1.2.0'],
    ['golang', 'v2.0.0+incompatible', 'v2.0.0'],
    ['golang', 'go1.21rc2', '1.21.0-rc.2'],
    ['pypi', '1.0', 'V1.0.0'],
    ['pypi', '1.0c1', '1.0-preview_1'],
    ['pypi', '1.0-1', '1.0.post1'],
    ['maven', '1.0.0', '1-ga'],
    ['maven', '1.0-RC1', '1-cr-1'],
    ['maven', '1a1', '1-alpha-1'],
    ['gem', '1.0', '1'],
    ['gem', '1.0-1', '1.0.pre.1'],
    ['nuget', '1.0-Beta', '1.0.0.0-beta+any'],
    ['composer', 'v1.0RC1', '1.0-rc.1'],
    ['cran', '1.0-1', '1.0.1'],
    ['hackage', '1.02', '1.2'],
    ['generic', '3', '3.0.0.0'],
  ])('%s: %s is %s', (type, one, other) => {
    expect(compareVersions(type, one, other)).toBe(0);
  });

  it.each([
    ['deb', '1.0 beta'],
    ['apk', 'latest version'],
    ['rpm', ''],
    ['alpm', '1 0'],
    ['npm', '1.2.3.4'],
    ['npm', '1.0.0-'],
    ['npm', '1.0.0-a..b'],
    ['golang', '(devel)'],
    ['golang', 'v1..0'],
    ['pypi', ''],
    ['maven', '${revision}'],
    ['gem', 'head'],
    ['nuget', '1.0.0.0.0'],
    ['composer', ''],
    ['cran', '1.0a'],
    ['hackage', '1..0'],
    ['pub', '1.0.0+a..b'],
    ['generic', 'RELEASE.2024-01-01'],
    ['swid', '1.0'],
    ['toString', '1.0'],
  ])('%s cannot order “%s”', (type, version) => {
    expect(compareVersions(type, version, '1.0')).toBe('unknown');
    expect(compareVersions(type, '1.0', version)).toBe('unknown');
  });

  it('cannot order two branches of Composer, nor text longer than any version', () => {
    expect(compareVersions('composer', 'dev-main', 'dev-next')).toBe('unknown');
    expect(compareVersions('deb', '1'.repeat(1001), '1')).toBe('unknown');
  });

  it('compares numbers of any length by value', () => {
    const [one, other] = [`1.${'9'.repeat(400)}.0`, `1.1${'0'.repeat(400)}.0`];
    for (const type of ['deb', 'rpm', 'npm', 'pypi', 'maven', 'gem', 'apk', 'composer', 'nuget']) {
      expect([type, Number(compareVersions(type, one, other)) < 0]).toEqual([type, true]);
    }
  });
});

const PIECES = ['0', '1', '01', '10', '2024', 'a', 'b', 'rc', 'beta', 'dev', 'post', 'p', 'r', 'x'];
const SIGNS = ['.', '-', '_', '+', '~', '^', ':', '!', ''];
const VERSION = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(...SIGNS)), {
    minLength: 1,
    maxLength: 6,
  })
  .map((pieces) => `1${pieces.map(([piece, sign]) => sign + piece).join('')}`);
const TYPES = [...new Set(RISING.map(([type]) => type))];

describe('every order', () => {
  it.each(TYPES)('of %s says the same from both sides, and that a version is itself', (type) => {
    fc.assert(
      fc.property(VERSION, VERSION, (one, other) => {
        const there = compareVersions(type, one, other);
        const back = compareVersions(type, other, one);
        expect(back === 'unknown' ? back : Math.sign(back) + 0).toBe(
          there === 'unknown' ? there : 0 - Math.sign(there),
        );
        expect([0, 'unknown']).toContain(compareVersions(type, one, one));
      }),
      { numRuns: 300 },
    );
  });

  // Maven's own rule runs in a circle (1.0.rc < 1 < 1-x < 1.0.rc), and alpm looks at releases only
  // when both sides have one.
  it.each(TYPES.filter((type) => type !== 'maven' && type !== 'alpm'))(
    'of %s has no circles',
    (type) => {
      fc.assert(
        fc.property(VERSION, VERSION, VERSION, (one, two, three) => {
          const first = compareVersions(type, one, two);
          const second = compareVersions(type, two, three);
          if (first === 'unknown' || second === 'unknown') return;
          if (Math.sign(first) * Math.sign(second) < 0) return;
          const expected = Math.sign(first) || Math.sign(second);
          const whole = compareVersions(type, one, three);
          expect(whole === 'unknown' ? whole : Math.sign(whole)).toBe(expected);
        }),
        { numRuns: 500 },
      );
    },
  );

  it.each(TYPES)('of %s takes any text whatever', (type) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, other) => {
        const order = compareVersions(type, one, other);
        expect(order === 'unknown' || Number.isFinite(order)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each(TYPES)('of %s reads the longest text in one pass', (type) => {
    for (const piece of ['1', '1.', '-', '1a', '.0', 'a', '+', '0-', '_p1']) {
      const long = `1${piece.repeat(900 / piece.length)}`;
      for (let time = 0; time < 20; time += 1) compareVersions(type, `${long}!`, `${long}?`);
      expect([0, 'unknown']).toContain(compareVersions(type, long, long));
    }
  });
});

function dpkgSays(one: string, operator: string, other: string): boolean {
  return spawnSync('dpkg', ['--compare-versions', one, operator, other]).status === 0;
}

describeWith(['dpkg-query'], 'Debian’s own dpkg', () => {
  it('orders as we do', () => {
    const characters = fc.constantFrom('0', '1', '9', 'a', 'Z', '.', '+', '~');
    const part = fc.string({ unit: characters, maxLength: 6 }).map((rest) => `1${rest}`);
    const version = fc
      .tuple(fc.constantFrom('', '0:', '2:'), part, fc.option(part, { nil: undefined }))
      .map(([epoch, up, revision]) => epoch + up + (revision === undefined ? '' : `-${revision}`));
    fc.assert(
      fc.property(version, version, (one, other) => {
        const order = compareVersions('deb', one, other);
        const operator =
          order === 'unknown' ? 'unknown' : order < 0 ? 'lt' : order > 0 ? 'gt' : 'eq';
        expect([operator, dpkgSays(one, operator, other)]).toEqual([operator, true]);
      }),
      { numRuns: 100 },
    );
  });
});
