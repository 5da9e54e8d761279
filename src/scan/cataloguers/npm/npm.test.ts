import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredNames, installedNames } from '../../../../test/harness/catalogue-folder.ts';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { testData } from '../../../../test/harness/vectors.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { npm } from './npm.ts';

const wants = (path: string): boolean => npm.wants?.(path, 100) === true;

function parse(path: string, content: string | Uint8Array): FileFindings {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return npm.parse(viewOfBytes(path, bytes));
}

function installed(path: string, manifest: unknown): FileFindings {
  return parse(path, JSON.stringify(manifest));
}

describe('which files the npm cataloguer wants', () => {
  it.each([
    'app/node_modules/express/package.json',
    'node_modules/express/package.json',
    'app/node_modules/@types/node/package.json',
    'app/node_modules/a/node_modules/b/package.json',
    'app/node_modules/@s/a/node_modules/@s/b/package.json',
    'usr/local/lib/node_modules/npm/package.json',
    'usr/local/lib/node_modules/npm/node_modules/@npmcli/arborist/package.json',
    'app/node_modules/.pnpm/express@4.18.2/node_modules/express/package.json',
    'app/node_modules/.pnpm/@babel+core@7.0.0/node_modules/@babel/core/package.json',
    'app/node_modules/.store/a@1.0.0-x1/node_modules/a/package.json',
    'app/node_modules/.store/lodash-npm-4.17.21-638/package/package.json',
    'app/node_modules/.bun/a@1.0.0/node_modules/a/package.json',
    'app/.yarn/unplugged/fsevents-npm-2.3.2-a8/node_modules/fsevents/package.json',
    'app/.next/standalone/node_modules/next/package.json',
    'opt/yarn-v1.22.22/package.json',
    'root/.cache/node/corepack/v1/pnpm/9.1.0/package.json',
  ])('wants the installed package %s', (path) => {
    expect(wants(path)).toBe(true);
  });

  it.each([
    ['an application', 'app/package.json'],
    ['an application at the root', 'package.json'],
    ['a bundle', 'app/node_modules/next/dist/compiled/ws/package.json'],
    ['a module marker', 'app/node_modules/a/esm/package.json'],
    ['a template', 'app/node_modules/@nestjs/cli/templates/app/package.json'],
    ['a fixture', 'app/node_modules/resolve/test/node_modules/b/package.json'],
    [
      'a fixture in a store',
      'a/node_modules/.pnpm/b@1/node_modules/b/t/node_modules/c/package.json',
    ],
    ['a scope without a package', 'app/node_modules/@types/package.json'],
    ['a hidden folder', 'app/node_modules/.cache/package.json'],
    ['node_modules itself', 'app/node_modules/package.json'],
    ['another file of a package', 'app/node_modules/a/composer.json'],
    ['the hidden lock of npm', 'app/node_modules/.package-lock.json'],
    ['the lock of a package', 'app/node_modules/a/yarn.lock'],
    ["Corepack's own source", 'src/corepack/package.json'],
    ["Debian's packages, which npm does not list", 'usr/share/nodejs/semver/package.json'],
  ])('does not want %s', (_, path) => {
    expect(wants(path)).toBe(false);
  });

  it.each(['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock'])(
    'wants the lock file %s of an application',
    (name) => {
      expect(wants(`srv/app/${name}`)).toBe(true);
      expect(wants(name)).toBe(true);
    },
  );
});

describe('an installed npm package', () => {
  const path = 'app/node_modules/@scope/thing/package.json';

  it('has the name, version and licence that it states, and owns its folder', () => {
    expect(
      installed(path, { name: '@scope/thing', version: '1.2.3-rc.1', license: 'MIT' }),
    ).toEqual({
      components: [
        {
          component: {
            type: 'npm',
            namespace: '@scope',
            name: 'thing',
            version: '1.2.3-rc.1',
            licences: ['MIT'],
          },
          key: 'npm:app/node_modules/@scope/thing',
        },
      ],
      ownerships: [
        { by: 'npm:app/node_modules/@scope/thing', paths: 'app/node_modules/@scope/thing/' },
      ],
    });
  });

  it.each([
    ['text', { license: 'MIT' }, ['MIT']],
    ['an object', { license: { type: 'ISC', url: 'https://example.org' } }, ['ISC']],
    ['a list', { license: ['MIT', { type: 'Apache-2.0' }] }, ['MIT', 'Apache-2.0']],
    ['the old plural', { licenses: [{ type: 'MIT' }, { type: 'GPL-2.0' }] }, ['MIT', 'GPL-2.0']],
    ['repeated', { license: 'MIT', licenses: ['MIT'] }, ['MIT']],
    ['a number', { license: 7 }, undefined],
    ['several lines', { license: 'a\nb' }, undefined],
    ['too long', { license: 'x'.repeat(4001) }, undefined],
  ])('states its licence as %s', (_, licence, expected) => {
    const { components } = installed(path, { name: 'a', version: '1.0.0', ...licence });
    expect(components?.[0]?.component.licences).toEqual(expected);
  });

  it('goes by the name it states when its folder is an alias', () => {
    const findings = installed('node_modules/alias/package.json', {
      name: 'real',
      version: '1.0.0',
    });
    expect(installedNames([{ path, findings }])).toEqual(['real@1.0.0']);
  });

  it.each([
    [''],
    [undefined],
    ['a b'],
    ['../../etc'],
    ['<script>'],
    [7],
    ['x'.repeat(215)],
    ['.hid'],
  ])('goes by its folder when it states the name %j', (name) => {
    const findings = installed(path, { name, version: '1.0.0' });
    expect(installedNames([{ path, findings }])).toEqual(['@scope/thing@1.0.0']);
  });

  it.each([[undefined], [null], ['']])('is not reported with the version %j', (version) => {
    expect(installed(path, { name: 'a', version })).toEqual({});
  });

  it.each([['{{version}}'], ['1.0 beta'], [1], ['latest'], ['1'.repeat(300)], ['1.0\u202e']])(
    'is a problem with the version %j',
    (version) => {
      expect(installed(path, { name: 'a', version })).toEqual({
        problems: ['The name or version is not one that npm could have installed.'],
      });
    },
  );

  it('is read with a byte order mark and with duplicate members, where the last wins', () => {
    const findings = parse(path, '\ufeff{"name":"a","version":"1.0.0","version":"2.0.0"}');
    expect(installedNames([{ path, findings }])).toEqual(['a@2.0.0']);
  });

  it('is a problem when its package.json is cut short, and when it nests too deep', () => {
    expect(parse(path, '{"name": "a", ').problems).toEqual([
      'The JSON is not valid at line 1, column 15: expected a member name in quotes.',
    ]);
    expect(parse(path, '['.repeat(1000)).problems).toEqual([
      'The JSON is nested more than 100 levels deep at line 1, column 101.',
    ]);
  });

  it.each(['[]', 'null', '"a"', '7', '{"name": {"a": 1}}'])('is not made up from %s', (content) => {
    expect(parse(path, content)).toEqual({});
  });
});

describeWith(['test-data'], 'package.json files as found in images (needs ../shared)', () => {
  const nameOf = (file: string, folder = 'given') => {
    const path = `node_modules/${folder}/package.json`;
    const findings = parse(path, readFileSync(testData('vectors/packages/npm', file)));
    return findings.problems ?? installedNames([{ path, findings }]);
  };

  it.each([
    ['package.json', ['testdata@10.46.8']],
    ['package-with-deps.json', ['package-with-deps@1.2.3']],
    ['duplicate-keys.json', ['duplicate-keys@1.0.0']],
    ['undici-package.json', ['undici@5.28.3']],
    ['not-vscode.json', ['jsonparse@1.3.1']],
    ['deps/accepts/package.json', ['accepts@1.3.8']],
    ['deps/no-person-name/package.json', ['accepts@1.3.8']],
    ['deps/with/deps/acorn/package.json', ['acorn@1.2.2']],
  ])('%s is %j', (file, expected) => {
    expect(nameOf(file)).toEqual(expected);
  });

  it('an empty name is that of the folder, an empty version is none', () => {
    expect(nameOf('deps/acorn/package.json', 'acorn')).toEqual(['acorn@2.7.0']);
    expect(nameOf('deps/acorn-globals/package.json')).toEqual([]);
  });

  it('what is not JSON is a problem that names the place', () => {
    expect(nameOf('invalid')).toEqual([
      'The JSON is not valid at line 8, column 1: expected a member name in quotes or "}".',
    ]);
    expect(nameOf('test.js')).toEqual([
      'The JSON is not valid at line 1, column 1: expected a value.',
    ]);
  });
});

describe('what lock files of npm projects declare', () => {
  const declared = (path: string, content: string) => declaredNames(parse(path, content));

  it('npm 7 and later: by folder, without the project, workspaces and links', () => {
    const lock = {
      lockfileVersion: 3,
      packages: {
        '': { name: 'app', version: '1.0.0' },
        'packages/own': { name: 'own', version: '1.0.0' },
        'node_modules/own': { resolved: 'packages/own', link: true },
        'node_modules/express': { version: '4.18.2', license: 'MIT', dev: true },
        'node_modules/a/node_modules/@s/b': { version: '2.0.0' },
        'node_modules/alias': { name: 'real', version: '3.0.0' },
        'node_modules/twice': { version: '1.0.0' },
        'node_modules/a/node_modules/twice': { version: '1.0.0' },
      },
    };
    expect(declared('package-lock.json', JSON.stringify(lock))).toEqual([
      '@s/b@2.0.0',
      'express@4.18.2',
      'real@3.0.0',
      'twice@1.0.0',
    ]);
  });

  it('npm 6: nested, an alias by its real name, without what a URL stands for', () => {
    const lock = {
      lockfileVersion: 1,
      dependencies: {
        a: { version: '1.0.0', dependencies: { b: { version: '2.0.0' } } },
        c: { version: 'npm:@real/c@3.0.0' },
        d: { version: 'git+ssh://git@example.org/d.git#abc' },
        e: { version: 'file:../e' },
      },
    };
    expect(declared('npm-shrinkwrap.json', JSON.stringify(lock))).toEqual([
      '@real/c@3.0.0',
      'a@1.0.0',
      'b@2.0.0',
    ]);
  });

  it('Yarn 1', () => {
    const lock = [
      '# yarn lockfile v1',
      '',
      '"@babel/core@^7.0.0", "@babel/core@^7.1.0":',
      '  version "7.2.0"',
      '  resolved "https://registry.example.org/core.tgz"',
      '  dependencies:',
      '    version "9.9.9"',
      '',
      'alias@npm:real@^1.0.0:',
      '  version "1.5.0"',
      'last@1:\r',
      '  version "1.0.0"\r',
    ];
    expect(declared('yarn.lock', lock.join('\n'))).toEqual([
      '@babel/core@7.2.0',
      'last@1.0.0',
      'real@1.5.0',
    ]);
  });

  it('Yarn 2 and later: by resolution, without what lies in the project', () => {
    const lock = [
      '__metadata:',
      '  version: 8',
      '"app@workspace:.":',
      '  version: 0.0.0-use.local',
      '  resolution: "app@workspace:."',
      '"alias@npm:real@^1.0.0":',
      '  version: 1.2.0',
      '  resolution: "real@npm:1.2.0"',
      '"typescript@patch:typescript@npm%3A5.0.0#optional":',
      '  version: 5.0.0',
      '  resolution: "typescript@patch:typescript@npm%3A5.0.0#optional::version=5.0.0&hash=x"',
      '"@s/a@npm:^2.0.0, @s/a@npm:^2.1.0":',
      '  version: 2.1.0',
      '  resolution: "@s/a@npm:2.1.0"',
    ];
    expect(declared('yarn.lock', lock.join('\n'))).toEqual([
      '@s/a@2.1.0',
      'real@1.2.0',
      'typescript@5.0.0',
    ]);
  });

  it('pnpm, lock files of version 5, 6 and 9', () => {
    const five = [
      'lockfileVersion: 5.4',
      'packages:',
      '',
      '  /a/1.0.0_react@17.0.0:',
      '    dev: true',
    ];
    five.push('  /@s/b/2.0.0:', '    resolution: {integrity: x}', '  github.com/o/c/abc:');
    five.push('    name: c', '    version: 3.0.0', 'settings:', '  /no/1.0.0:');
    expect(declared('pnpm-lock.yaml', five.join('\n'))).toEqual([
      '@s/b@2.0.0',
      'a@1.0.0',
      'c@3.0.0',
    ]);

    const six = [
      "lockfileVersion: '6.0'",
      'packages:',
      '  /a@1.0.0(react@17.0.0):',
      '  /@s/b@2.0.0:',
    ];
    expect(declared('pnpm-lock.yaml', six.join('\n'))).toEqual(['@s/b@2.0.0', 'a@1.0.0']);

    const nine = ["lockfileVersion: '9.0'", 'importers:', '  .:', 'packages:', "  '@s/b@2.0.0':"];
    nine.push('    resolution: {integrity: x}', '  a@1.0.0:', '  d@https://example.org/d.tgz:');
    nine.push('    version: 4.0.0', 'snapshots:', '  e@1.0.0(a@1.0.0):');
    expect(declared('pnpm-lock.yaml', nine.join('\n'))).toEqual([
      '@s/b@2.0.0',
      'a@1.0.0',
      'd@4.0.0',
    ]);
  });

  it('Bun: JSON with trailing commas, without workspaces', () => {
    const lock = `{
      "lockfileVersion": 1,
      "packages": {
        "a": ["a@1.0.0", "", { "x": ",}", }, "sha512-x"],
        "own": ["own@workspace:packages/own"],
        "@s/b": ["@s/b@2.0.0", "", {}, "sha512-y",],
      },
    }`;
    expect(declared('bun.lock', lock)).toEqual(['@s/b@2.0.0', 'a@1.0.0']);
  });
});

describe('the npm cataloguer, given anything', () => {
  const paths = ['node_modules/a/package.json', 'package-lock.json', 'yarn.lock', 'pnpm-lock.yaml'];
  const pieces = [
    '{',
    '}',
    '"packages":',
    '"node_modules/a":',
    '"version":',
    '"1.0.0"',
    ',',
    '[',
    ']',
  ];
  pieces.push('a@1:', '\n', '  version "1"', 'packages:', '  /a@1.0.0:', '@', '"', '\\', '  ', ':');
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.constantFrom(...pieces)).map((parts) => new TextEncoder().encode(parts.join(''))),
    fc.json().map((text) => new TextEncoder().encode(text)),
  );

  it('never throws and names only what npm could install', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths, 'bun.lock'), content, (path, bytes) => {
        const { components = [] } = npm.parse(viewOfBytes(path, bytes));
        for (const { component } of components) {
          expect(component.version).toMatch(/^[v=]?\d/);
          expect(component.name).not.toMatch(/[\s/]/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('decides about any path', () => {
    const segment = fc.constantFrom(
      'node_modules',
      '.pnpm',
      '.store',
      '@s',
      'a',
      'package',
      '',
      '.',
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 12 }), (segments) => {
        const path = [...segments, 'package.json'].join('/');
        expect([true, false]).toContain(wants(path));
      }),
    );
  });
});
