import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { debianRootTar } from '../../../../test/harness/debian-root.ts';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { osRelease } from '../os-release/os-release.ts';
import { dpkg } from './dpkg.ts';

const BUILD_MS_MAX = 300_000;

/** Every regular file of a root that the cataloguer wants, parsed. */
function catalogueRoot(root: string): FileFindings[] {
  const all: FileFindings[] = [];
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const name = join(entry.parentPath, entry.name);
    const path = relative(root, name);
    if (dpkg.wants?.(path, 1) === true) all.push(dpkg.parse(viewOfBytes(path, readFileSync(name))));
  }
  return all;
}

describeWith(['mmdebstrap', 'dpkg-query'], 'a real Debian root (needs mmdebstrap)', () => {
  let root = '';
  let findings: FileFindings[] = [];
  const query = (...parameters: string[]) =>
    execFileSync('dpkg-query', ['--admindir', join(root, 'var/lib/dpkg'), ...parameters], {
      maxBuffer: 1 << 28,
    })
      .toString()
      .trimEnd();
  const found = () => findings.flatMap(({ components = [] }) => components);

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'wharfinger-root-'));
    const folders = ['./var/lib/dpkg', './usr/share/doc', './usr/lib/os-release'];
    const tar = debianRootTar();
    execFileSync('tar', ['-x', '--no-same-owner', '-f', tar, '-C', root, ...folders]);
    findings = catalogueRoot(root);
  }, BUILD_MS_MAX);

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('holds the packages that dpkg-query names', () => {
    const format = '${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\\n';
    const expected = query('-W', '-f', format).split('\n');
    const ours = found().map(({ component: { name, version, qualifiers, source } }) =>
      [
        name,
        version,
        qualifiers?.['arch'],
        source?.name ?? name,
        source === undefined || source.version === '' ? version : source.version,
      ].join(' '),
    );
    expect([...new Set(ours)].sort()).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(40);
  });

  it('owns the files that dpkg -L lists, joined by key', () => {
    const names = new Map(found().map(({ key, component }) => [key, component.name]));
    const ours = findings
      .flatMap(({ ownerships = [] }) => ownerships)
      // What dash moved aside is listed where it was, with a remark on where it is.
      .filter(({ paths }) => !paths.endsWith('.distrib') && !paths.endsWith('.distrib.1.gz'))
      .flatMap(({ by, paths }) =>
        paths.split('\n').map((path) => `${names.get(by) ?? `nobody, ${by}`} owns /${path}`),
      )
      .filter((line) => !line.endsWith(' owns /') && !line.includes(' owns /var/lib/dpkg/info/'));
    const expected = [...new Set(found().map(({ component }) => component.name))].flatMap((name) =>
      query('-L', name)
        .split('\n')
        // `diverted by dash to: …` are remarks on the line before.
        .filter((line) => line.startsWith('/') && line !== '/.')
        .map((line) => `${name} owns ${line}`),
    );
    expect(ours.sort()).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(3000);
  });

  it('states a licence for every package with a copyright file of its own', () => {
    const licensed = new Set(
      findings.flatMap(({ licences = [] }) => licences).map((statement) => statement.of),
    );
    const names = [...new Set(found().map(({ component }) => component.name))];
    const silent = names.filter((name) => {
      const file = join(root, 'usr/share/doc', name, 'copyright');
      return existsSync(file) && !licensed.has(`deb:${name}`);
    });
    // Those whose folder is a link to another package's, which a layer does not resolve, and
    // those whose authors wrote their own terms in free text.
    expect(silent.length).toBeLessThan(names.length / 10);
    expect(licensed.size).toBeGreaterThan(40);
  });

  it('names its operating system', () => {
    const bytes = readFileSync(join(root, 'usr/lib/os-release'));
    expect(osRelease.parse(viewOfBytes('usr/lib/os-release', bytes)).os).toMatchObject({
      id: 'debian',
      versionId: '12',
      codename: 'bookworm',
    });
  });

  it('is read without a problem', () => {
    expect(findings.flatMap(({ problems = [] }) => problems)).toEqual([]);
  });
});
