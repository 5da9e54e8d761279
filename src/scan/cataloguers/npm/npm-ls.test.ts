import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalogueFolder, installedNames } from '../../../../test/harness/catalogue-folder.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { npm } from './npm.ts';

/** What `npm ls --all` lists, apart from links into the project itself: the oracle. */
function listedByNpm(args: readonly string[], folder: string): string[] {
  const result = spawnSync('npm', ['ls', '--all', '--long', '--json', ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
  });
  const names = new Set<string>();
  const waiting: ListedPackage[] = [JSON.parse(result.stdout) as ListedPackage];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const child of Object.values(next.dependencies ?? {})) {
      waiting.push(child);
      if (child.version === undefined || child.path === undefined) continue;
      // A workspace is a link out of node_modules, into the project.
      if (!realpathSync(child.path).includes('node_modules')) continue;
      names.add(`${child.name}@${child.version}`);
    }
  }
  return [...names].sort();
}

type ListedPackage = {
  readonly name?: string;
  readonly version?: string;
  readonly path?: string;
  readonly dependencies?: Readonly<Record<string, ListedPackage>>;
};

const isNpmHere = spawnSync('npm', ['--version']).status === 0;

function isRegistryReachable(): boolean {
  const options = { timeout: 20_000 };
  return isNpmHere && spawnSync('npm', ['view', 'ms', 'version'], options).status === 0;
}

describeWith(['npm'], 'the npm cataloguer beside npm ls (needs npm)', () => {
  it('lists what npm ls lists in this project, and nothing else', () => {
    const project = resolve(import.meta.dirname, '../../../..');
    const listed = listedByNpm([], project);
    expect(listed.length).toBeGreaterThan(100);
    expect(installedNames(catalogueFolder(npm, join(project, 'node_modules')))).toEqual(listed);
  });

  it('lists what npm ls -g lists: npm itself and what it brings', () => {
    const folder = execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim();
    const listed = listedByNpm(['-g'], '/');
    expect(installedNames(catalogueFolder(npm, folder))).toEqual(listed);
  });
});

describeWith(
  [{ part: 'npm-registry', isUsable: isRegistryReachable() }],
  'a fresh install (needs the npm registry)',
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'wharfinger-npm-'));
      writeFileSync(join(folder, 'package.json'), '{"name":"app","version":"1.0.0"}');
      const packages = ['express', 'webpack', 'resolve', 'string-width-cjs@npm:string-width@4.2.3'];
      const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--silent'];
      execFileSync('npm', ['install', ...flags, ...packages], { cwd: folder });
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('is listed as npm ls lists it, an alias by the package it stands for', () => {
      const listed = listedByNpm([], folder);
      expect(listed).toContain('string-width@4.2.3');
      expect(listed.length).toBeGreaterThan(100);
      expect(installedNames(catalogueFolder(npm, folder))).toEqual(listed);
    });
  },
);
