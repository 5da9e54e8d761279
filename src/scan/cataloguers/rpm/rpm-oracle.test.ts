import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { withFile } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { testData } from '../../../../test/harness/vectors.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { rpm } from './rpm.ts';

const vectors = testData('vectors', 'rpmdb');

const QUERY = '%{NAME}|%{VERSION}-%{RELEASE}|%{EPOCH}|%{ARCH}|%{SOURCERPM}|%{LICENSE}\\n';
const FILES = '[%{=NAME} owns %{FILENAMES}\\n]';

/** Standard output; rpm warns of index files that are not there. */
const run = (command: string, ...parameters: string[]): string =>
  execFileSync(command, parameters, {
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  }).toString();

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('gpg-pubkey'));
}

function packagesOf({ components = [] }: FileFindings): string[] {
  return components.map(({ component }) =>
    [
      component.name,
      component.version,
      component.qualifiers?.['epoch'] ?? '(none)',
      component.qualifiers?.['arch'] ?? '(none)',
      component.source === undefined
        ? '(none)'
        : `${component.source.name}-${component.source.version}.src.rpm`,
      component.licences?.[0] ?? '(none)',
    ].join('|'),
  );
}

function filesOf({ components = [], ownerships = [] }: FileFindings): string[] {
  const names = new Map(components.map(({ key, component }) => [key, component.name]));
  return ownerships.flatMap(({ by, paths }) =>
    paths.split('\n').map((path) => `${names.get(by)} owns /${path}`),
  );
}

/**
 * Runs `use` with a folder of its own that holds a copy of the vector, for rpm writes beside it.
 */
function withCopy<T>(vector: string, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-rpm-'));
  try {
    copyFileSync(join(vectors, vector), join(folder, basename(vector)));
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function expectSame(vector: string, options: readonly string[]): void {
  withCopy(vector, (folder) => {
    expectSameAs(vector, (format) =>
      run('rpm', ...options, '--dbpath', folder, '-qa', '--qf', format),
    );
  });
}

function expectSameAs(vector: string, query: (format: string) => string): void {
  expectSameFile(join(vectors, vector), query);
}

function expectSameFile(name: string, query: (format: string) => string): void {
  const findings = withFile(name, (file) => rpm.parse(file));
  const expected = linesOf(query(QUERY)).sort();
  expect(packagesOf(findings).sort()).toEqual(expected);
  expect(filesOf(findings).sort()).toEqual(linesOf(query(FILES)).sort());
  expect(findings.problems).toBeUndefined();
  expect(expected.length).toBeGreaterThan(0);
}

describeWith(['test-data', 'rpm'], 'against `rpm -qa` on the same database', () => {
  it('of SQLite', () => expectSame('cbl-mariner-2.0/rpmdb.sqlite', []));

  it('of Berkeley DB', () => {
    expectSame('libuuid/Packages', ['--define', '_db_backend bdb_ro']);
  });

  /**
   * Debian builds rpm without NDB. So every blob is found by its mark alone, without the table of
   * slots, and loaded into an SQLite database by `rpmdb --importdb`, which rpm can then query.
   */
  it('of NDB', () => {
    const vector = 'sle15-bci/Packages.db';
    const bytes = readFileSync(join(vectors, vector));
    const headers: Buffer[] = [];
    for (let at = bytes.indexOf('BlbS'); at !== -1; at = bytes.indexOf('BlbS', at + 1)) {
      const length = bytes.readUInt32LE(at + 12);
      headers.push(
        Buffer.from('8eade80100000000', 'hex'),
        bytes.subarray(at + 16, at + 16 + length),
      );
    }
    withCopy(vector, (folder) => {
      rmSync(join(folder, basename(vector)));
      run('rpmdb', '--dbpath', folder, '--initdb');
      execFileSync('rpmdb', ['--dbpath', folder, '--importdb'], { input: Buffer.concat(headers) });
      expectSameAs(vector, (format) => run('rpm', '--dbpath', folder, '-qa', '--qf', format));
    });
  });
});

const SPEC = `
Name: epoch-test
Epoch: 3
Version: 1.2~rc1
Release: 4
Summary: Many files
License: MIT and BSD
BuildArch: noarch
%description
Many files.
%install
for number in $(seq 1 900); do
  folder=%{buildroot}/usr/share/epoch-test/d$((number % 7))
  mkdir -p $folder && touch "$folder/file $number"
done
%files
/usr/share/epoch-test
%package -n other-name
Summary: No file
Version: 9
Epoch: 0
License: Zlib
%description -n other-name
No file.
%files -n other-name
`;

describeWith(
  ['rpm', 'rpmbuild'],
  'against `rpm -qa` on a database that rpm has just written',
  () => {
    it('with epochs, a tilde and a long file list', () => {
      const folder = mkdtempSync(join(tmpdir(), 'wharfinger-rpm-'));
      try {
        const database = join(folder, 'database');
        writeFileSync(join(folder, 'test.spec'), SPEC);
        run('rpmbuild', '--define', `_topdir ${folder}`, '-bb', join(folder, 'test.spec'));
        const built = join(folder, 'RPMS', 'noarch');
        const packages = readdirSync(built).map((name) => join(built, name));
        run('rpm', '--dbpath', database, '--initdb');
        const install = ['--force-debian', '--justdb', '--nodeps', '--noscripts', '-i'];
        run('rpm', '--dbpath', database, ...install, ...packages);

        expectSameFile(join(database, 'rpmdb.sqlite'), (format) =>
          // A stated epoch of 0 is the same as none, and we write none.
          run('rpm', '--dbpath', database, '-qa', '--qf', format).replace('|0|', '|(none)|'),
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
