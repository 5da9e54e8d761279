import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredNames, installedNames } from '../../../../test/harness/catalogue-folder.ts';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { composer } from './composer.ts';

const INSTALLED = 'srv/app/vendor/composer/installed.json';
const wants = (path: string): boolean => composer.wants?.(path, 100) === true;

function parse(path: string, document: unknown): FileFindings {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return composer.parse(viewOfBytes(path, new TextEncoder().encode(text)));
}

describe('which files the composer cataloguer wants', () => {
  it.each([INSTALLED, 'composer/installed.json', 'srv/app/composer.lock', 'composer.lock'])(
    'wants %s',
    (path) => {
      expect(wants(path)).toBe(true);
    },
  );

  it.each([
    ['another list', 'srv/app/installed.json'],
    ['the lock file of a package', 'srv/app/vendor/acme/one/composer.lock'],
    ['a manifest', 'srv/app/vendor/acme/one/composer.json'],
  ])('does not want %s', (_, path) => {
    expect(wants(path)).toBe(false);
  });
});

describe('an installed PHP package', () => {
  it('of Composer 2 has its name in lower case, its version as printed, and its folder', () => {
    const stated = {
      name: 'Acme/One',
      version: 'v1.2.0',
      license: ['MIT'],
      'install-path': '../../modules/one',
    };
    expect(parse(INSTALLED, { packages: [stated], dev: true })).toEqual({
      components: [
        {
          component: {
            type: 'composer',
            namespace: 'acme',
            name: 'one',
            version: 'v1.2.0',
            licences: ['MIT'],
          },
          key: 'composer:srv/app/vendor/acme/one',
        },
      ],
      ownerships: [{ by: 'composer:srv/app/vendor/acme/one', paths: 'srv/app/modules/one/' }],
    });
  });

  it('of Composer 1 is in the vendor folder', () => {
    const { components, ownerships } = parse(INSTALLED, [
      { name: 'acme/one', version: 'dev-main' },
    ]);
    expect(components?.[0]?.component.version).toBe('dev-main');
    expect(ownerships?.[0]?.paths).toBe('srv/app/vendor/acme/one/');
  });

  it('that is a metapackage is nowhere', () => {
    const stated = { name: 'acme/all', version: '1.0', type: 'metapackage', 'install-path': null };
    const findings = parse(INSTALLED, { packages: [stated] });
    expect(installedNames([{ path: INSTALLED, findings }])).toEqual(['acme/all@1.0']);
    expect(findings.ownerships).toEqual([]);
  });

  it.each([
    ['../../../../../etc', 'outside the image'],
    ['../../../../usr', 'outside the project'],
    ['/usr', 'outside the project'],
    ['../..', 'the whole project'],
    ['..', 'the whole vendor folder'],
    ['.', 'the list itself'],
  ])('owns nothing by the folder %s: %s', (path) => {
    const stated = { name: 'acme/one', version: '1.0', 'install-path': path };
    expect(parse(INSTALLED, { packages: [stated] }).ownerships).toEqual([]);
    expect(parse('vendor/composer/installed.json', { packages: [stated] }).ownerships).toEqual([]);
  });

  it.each([
    [{ name: 'one', version: '1.0' }],
    [{ name: 'a/b/c', version: '1.0' }],
    [{ name: '../x', version: '1.0' }],
    [{ name: 'acme/one' }],
    [{ name: 'acme/one', version: 'a b' }],
    [7],
  ])('is left out with a problem when it is %j, and the rest counts', (stated) => {
    const findings = parse(INSTALLED, [stated, { name: 'acme/two', version: '2.0' }]);
    expect(installedNames([{ path: INSTALLED, findings }])).toEqual(['acme/two@2.0']);
    expect(findings.problems).toEqual(['1 of its packages state no valid name and version.']);
  });
});

describe('what a composer.lock declares', () => {
  it('is its packages and those for development', () => {
    const lock = {
      packages: [{ name: 'acme/one', version: 'v1.2.0' }],
      'packages-dev': [{ name: 'acme/tool', version: '0.9.0' }],
    };
    expect(declaredNames(parse('composer.lock', lock))).toEqual([
      'acme/one@v1.2.0',
      'acme/tool@0.9.0',
    ]);
  });
});

describe('the composer cataloguer, given anything', () => {
  it('never throws', () => {
    const document = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ packages: fc.array(fc.record({ name: fc.string(), version: fc.anything() })) }),
    );
    fc.assert(
      fc.property(fc.constantFrom(INSTALLED, 'composer.lock'), document, (path, stated) => {
        const text =
          typeof stated === 'string' ? stated : (JSON.stringify(stated, printable) ?? '');
        expect(parse(path, text)).toBeTypeOf('object');
      }),
    );
  });

  const printable = (_: string, value: unknown) => (typeof value === 'bigint' ? 1 : value);

  it('says where a list is broken', () => {
    expect(parse(INSTALLED, '[{"name": "a"').problems).toEqual([
      'The JSON is not valid at line 1, column 14: expected "," or the closing bracket.',
    ]);
  });
});
