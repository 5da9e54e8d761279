import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredNames, installedNames } from '../../../../test/harness/catalogue-folder.ts';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { testData } from '../../../../test/harness/vectors.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { pypi } from './pypi.ts';

const SITE = 'usr/lib/python3.11/site-packages';
const wants = (path: string): boolean => pypi.wants?.(path, 100) === true;

function parse(path: string, content: string | Uint8Array): FileFindings {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return pypi.parse(viewOfBytes(path, bytes));
}

const namesIn = (path: string, content: string | Uint8Array) =>
  installedNames([{ path, findings: parse(path, content) }]);

const ownedPathsOf = ({ ownerships = [] }: FileFindings) =>
  ownerships.flatMap(({ paths }) => paths.split('\n'));

const ownedIn = (path: string, content: string) => ownedPathsOf(parse(path, content));

describe('which files the pypi cataloguer wants', () => {
  it.each([
    `${SITE}/foo-1.0.dist-info/METADATA`,
    `${SITE}/foo-1.0.dist-info/RECORD`,
    `${SITE}/foo-1.0-py3.11.egg-info/PKG-INFO`,
    `${SITE}/foo-1.0-py3.11.egg-info`,
    `${SITE}/foo.egg-info/installed-files.txt`,
    `${SITE}/foo.egg-info/top_level.txt`,
    `${SITE}/foo-1.0-py3.11.egg/EGG-INFO/PKG-INFO`,
    'usr/lib/python3/dist-packages/foo-1.0.egg-info',
    'opt/venv/lib/python3.12/site-packages/foo-1.0.dist-info/METADATA',
    'var/task/foo-1.0.dist-info/METADATA',
    'foo-1.0.dist-info/METADATA',
    'srv/pkgs/app/site-packages/foo-1.0.dist-info/METADATA',
    'app/requirements.txt',
    'app/dev-information/requirements.txt',
    'app/poetry.lock',
    'uv.lock',
    'app/pdm.lock',
    'app/Pipfile.lock',
    'app/pylock.toml',
  ])('wants %s', (path) => {
    expect(wants(path)).toBe(true);
  });

  it.each([
    ['what a package vendors', `${SITE}/setuptools/_vendor/wheel-0.43.0.dist-info/METADATA`],
    ['a fixture in a package', `${SITE}/foo/tests/data/bar-1.0.dist-info/METADATA`],
    ['what an application vendors', 'opt/app/_vendor/bar-1.0.dist-info/METADATA'],
    ['a fixture of an application', 'app/tests/bar-1.0.dist-info/METADATA'],
    ["uv's cache", 'root/.cache/uv/archive-v0/x/bar-1.0.dist-info/METADATA'],
    ["conda's cache", 'opt/conda/pkgs/bar-1.0-py311_0/site-packages/bar-1.0.dist-info/METADATA'],
    ['what pip left behind', `${SITE}/~ip-23.0.dist-info/METADATA`],
    ['a wheel', 'usr/lib/python3.11/ensurepip/_bundled/pip-23.0-py3-none-any.whl'],
    ['other metadata', `${SITE}/foo-1.0.dist-info/entry_points.txt`],
    ['a lock file of a package', `${SITE}/foo/requirements.txt`],
    ['METADATA of something else', 'opt/app/METADATA'],
  ])('does not want %s', (_, path) => {
    expect(wants(path)).toBe(false);
  });
});

describe('an installed Python distribution', () => {
  const path = `${SITE}/Foo_Bar-1.0.dist-info/METADATA`;
  const fields = (...lines: string[]) => ['Metadata-Version: 2.1', ...lines].join('\n');

  it('has its name in normal form, its version as stated, and owns its metadata', () => {
    const metadata = `${SITE}/Foo_Bar-1.0.dist-info`;
    expect(parse(path, fields('Name: Foo_Bar..Baz', 'Version: 1.0RC1', 'License: MIT'))).toEqual({
      components: [
        {
          component: { type: 'pypi', name: 'foo-bar-baz', version: '1.0RC1', licences: ['MIT'] },
          key: `pypi:${metadata}`,
        },
      ],
      ownerships: [{ by: `pypi:${metadata}`, paths: `${metadata}/\n${metadata}` }],
    });
  });

  it('is not described by what follows its fields', () => {
    expect(namesIn(path, fields('Name: a', 'Version: 1', '', 'Version: 2'))).toEqual(['a@1']);
    expect(parse(path, fields('Name: a', '', 'Version: 2')).problems).toHaveLength(1);
    expect(parse(path, fields('Name: a', 'not a field', 'Version: 2')).problems).toHaveLength(1);
  });

  it.each([
    ['an SPDX expression first', ['License-Expression: MIT OR ISC', 'License: x'], ['MIT OR ISC']],
    ['words', ['License: BSD 3-Clause'], ['BSD 3-Clause']],
    [
      'classifiers when the words say nothing',
      ['License: UNKNOWN', 'Classifier: License :: OSI Approved :: MIT License'],
      ['MIT License'],
    ],
    [
      'classifiers when the words are a whole text',
      ['License: Permission is', '  hereby granted', 'Classifier: License :: Public Domain'],
      ['Public Domain'],
    ],
    ['nothing', ['Classifier: Topic :: Software'], undefined],
  ])('states its licence by %s', (_, lines, expected) => {
    const { components } = parse(path, fields('Name: a', 'Version: 1', ...lines));
    expect(components?.[0]?.component.licences).toEqual(expected);
  });

  it.each(['Name: ', 'Name: -a', 'Name: a b', 'Name: a/b', 'Name: a-', 'X: y'])(
    'is a problem when it says %j',
    (line) => {
      expect(parse(path, fields(line, 'Version: 1'))).toEqual({
        problems: ['The metadata states no valid Name and Version.'],
      });
    },
  );

  it('is a problem with a version that is none', () => {
    expect(parse(path, fields('Name: a', 'Version: {{ v }}')).problems).toHaveLength(1);
    expect(parse(path, fields('Name: a', 'Version: 1.*')).problems).toHaveLength(1);
  });

  it('owns its egg', () => {
    expect(
      ownedIn(`${SITE}/a-1-py3.egg/EGG-INFO/PKG-INFO`, fields('Name: a', 'Version: 1')),
    ).toEqual([`${SITE}/a-1-py3.egg/`]);
  });
});

describe('the files that a distribution put there', () => {
  it('are those of its RECORD, from the import folder, without compiled modules', () => {
    const record = [
      'foo/__init__.py,sha256=abc,10',
      '../../../bin/foo,sha256=abc,20',
      '"foo/a,""b"".py",sha256=abc,30',
      'foo/__pycache__/__init__.cpython-311.pyc,,',
      '../../../../../../etc/passwd,,',
      '/opt/foo/data.bin,,',
      '',
    ];
    const path = `${SITE}/foo-1.0.dist-info/RECORD`;
    expect(ownedIn(path, record.join('\r\n'))).toEqual([
      `${SITE}/foo/__init__.py`,
      'usr/bin/foo',
      `${SITE}/foo/a,"b".py`,
      'opt/foo/data.bin',
    ]);
    expect(parse(path, record.join('\n')).ownerships?.[0]?.by).toBe(
      `pypi:${SITE}/foo-1.0.dist-info`,
    );
  });

  it('are those of installed-files.txt, from the metadata folder', () => {
    expect(
      ownedIn(
        `${SITE}/foo.egg-info/installed-files.txt`,
        '../foo/a.py\n../../../../bin/foo\nPKG-INFO',
      ),
    ).toEqual([`${SITE}/foo/a.py`, 'usr/bin/foo', `${SITE}/foo.egg-info/PKG-INFO`]);
  });

  it('are the modules of top_level.txt, and nothing that is no module', () => {
    expect(ownedIn(`${SITE}/foo.egg-info/top_level.txt`, 'foo\n../x\n\n/\nfoo/bar\n')).toEqual([
      `${SITE}/foo/`,
      `${SITE}/foo.py`,
    ]);
  });

  it('are not claimed by top_level.txt outside the folders for modules', () => {
    expect(parse('foo.egg-info/top_level.txt', 'usr')).toEqual({});
    expect(parse('usr/foo.egg-info/top_level.txt', 'bin')).toEqual({});
  });

  it('are never all below a folder, which a slash at the end would mean', () => {
    expect(ownedIn(`${SITE}/foo-1.0.dist-info/RECORD`, '../../../bin/,,\n/usr/,,')).toEqual([
      'usr/bin',
      'usr',
    ]);
  });

  it('are none for an empty list', () => {
    expect(parse(`${SITE}/foo-1.0.dist-info/RECORD`, '')).toEqual({});
  });
});

describeWith(['test-data'], 'metadata as found in images (needs ../shared)', () => {
  it.each([
    ['distinfo_meta', ['pip@22.2.2'], ['MIT']],
    ['egginfo', ['pycups@2.0.1'], ['GPLv2+']],
    ['egginfo_pkginfo', ['setuptools@57.4.0'], ['MIT License']],
    ['malformed_pkginfo', ['passlib@1.7.4'], ['BSD']],
    ['mixed_case', ['httplib2@1.0'], undefined],
    ['pkginfo', ['httplib2@0.20.4'], ['MIT']],
    ['pyopenssl-26.0.0.dist-info', ['pyopenssl@26.0.0'], ['Apache License, Version 2.0']],
    ['repeated_pkginfo', ['root@1.0.0'], undefined],
    ['special_chars', ['backports-ssl-match-hostname@3.5.0.1'], undefined],
  ])('%s is %j', (file, names, licences) => {
    const path = `${SITE}/x-1.dist-info/METADATA`;
    const findings = parse(path, readFileSync(testData('vectors/packages/python', file)));
    expect(installedNames([{ path, findings }])).toEqual(names);
    expect(findings.components?.[0]?.component.licences).toEqual(licences);
  });
});

describeWith(['test-data'], 'eggs as found in images (needs ../shared)', () => {
  const egg = (name: string) => readFileSync(testData('vectors/packages/python', name));

  it('are installed, zipped as they are', () => {
    const path = `${SITE}/monotonic-1.6-py3.10.egg`;
    expect(wants(path)).toBe(true);
    expect(namesIn(path, egg('monotonic-1.6-py3.10.egg'))).toEqual(['monotonic@1.6']);
    expect(ownedPathsOf(parse(path, egg('monotonic-1.6-py3.10.egg')))).toContain(path);
  });

  it('are nothing without metadata, and a problem when cut off', () => {
    const path = `${SITE}/monotonic-1.6-py3.10.egg`;
    expect(parse(path, egg('monotonic_no_pkginfo-1.6-py3.10.egg'))).toEqual({});
    expect(parse(path, egg('monotonic-1.6-py3.10.egg').subarray(0, 4000)).problems).toHaveLength(1);
  });
});

describe('what lock files of Python projects declare', () => {
  const declared = (path: string, content: string) => declaredNames(parse(path, content));

  it('requirements.txt: exact pins, without ranges, options and links', () => {
    const lines = [
      '# a comment',
      'Django==4.2.1',
      'requests[security, socks] == 2.31.0 ; python_version > "3.8"',
      'zope.interface===5.0 --hash=sha256:abc \\',
      '    --hash=sha256:def',
      'old (==1.0)',
      'spaced   ==   3.0,!=3.1 # why',
      'ranged>=1.0',
      'wild==1.*',
      '-r other.txt',
      '-e git+https://example.org/x.git#egg=x==1',
      'url @ https://example.org/url-1.0.tar.gz',
      'bare',
    ];
    expect(declared('app/requirements.txt', lines.join('\n'))).toEqual([
      'django@4.2.1',
      'old@1.0',
      'requests@2.31.0',
      'spaced@3.0',
      'zope-interface@5.0',
    ]);
  });

  it('Pipfile.lock: every category', () => {
    const lock = {
      _meta: { sources: { version: '==9' } },
      default: { Flask: { version: '==2.0' }, local: { path: '.' } },
      develop: { pytest: { version: '==7.0' } },
    };
    expect(declared('Pipfile.lock', JSON.stringify(lock))).toEqual(['flask@2.0', 'pytest@7.0']);
  });

  it('poetry.lock, without being led astray by values over several lines', () => {
    const lock = [
      '# generated',
      '[[package]]',
      'name = "Foo"',
      'version = "1.0" # why',
      'description = """',
      '[[package]]',
      'name = "no"',
      'version = "9"',
      '"""',
      'files = [',
      '    {file = "a[.whl", hash = "x"}, # ]',
      '    [["version"]],',
      ']',
      '',
      '[package.dependencies]',
      'version = "9"',
      '[[package]]',
      "name = 'bar'",
      "version = '2.0'",
      '[metadata]',
      'name = "no"',
      'version = "9"',
    ];
    expect(declared('poetry.lock', lock.join('\n'))).toEqual(['bar@2.0', 'foo@1.0']);
  });

  it('uv.lock, without the project itself', () => {
    const lock = [
      '[[package]]',
      'name = "app"',
      'version = "0.1.0"',
      'source = { virtual = "." }',
      '[[package]]',
      'name = "idna"',
      'version = "3.7"',
      'source = { registry = "https://pypi.org/simple" }',
    ];
    expect(declared('uv.lock', lock.join('\n'))).toEqual(['idna@3.7']);
  });

  it('pylock.toml', () => {
    const lock =
      '[[packages]]\nname = "attrs"\nversion = "25.1.0"\n[[packages.wheels]]\nname = "no"\n';
    expect(declared('pylock.toml', lock)).toEqual(['attrs@25.1.0']);
  });
});

describe('the pypi cataloguer, given anything', () => {
  const pieces = [
    'Name: a',
    'Version: 1',
    '\n',
    ' ',
    ':',
    '[[package]]',
    'name = "a"',
    '[',
    ']',
    '"""',
  ];
  pieces.push(
    'version = "1"',
    'a==1',
    '"',
    ',',
    '../',
    '/',
    '{"default":',
    '"a":',
    '}',
    '[',
    '(',
    '#',
  );
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.constantFrom(...pieces)).map((parts) => new TextEncoder().encode(parts.join(''))),
  );
  const paths = ['x-1.dist-info/METADATA', 'x-1.dist-info/RECORD', 'x.egg-info/top_level.txt'];
  paths.push('x.egg-info/installed-files.txt', 'poetry.lock', 'Pipfile.lock', 'requirements.txt');

  it('never throws, and never claims a path outside the image', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), content, (path, bytes) => {
        const { components = [], ownerships = [] } = pypi.parse(viewOfBytes(path, bytes));
        for (const { component } of components) expect(component.name).toMatch(/^[a-z0-9-]+$/);
        for (const { paths } of ownerships) {
          for (const owned of paths.split('\n'))
            expect(owned).toMatch(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('does not hang on a line made to be slow', () => {
    const spaces = ' '.repeat(1_000_000);
    expect(declaredNames(parse('requirements.txt', `a${spaces}(${spaces}==${spaces}`))).toEqual([]);
    expect(parse('poetry.lock', `${'['.repeat(1_000_000)}\n`)).toEqual({ components: [] });
  });
});
