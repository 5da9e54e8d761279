import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  catalogueFolder,
  declaredNames,
  installedNames,
} from '../../../../test/harness/catalogue-folder.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { composer } from './composer.ts';

const environment = {
  ...process.env,
  COMPOSER_ALLOW_SUPERUSER: '1',
  COMPOSER_NO_INTERACTION: '1',
  COMPOSER_DISABLE_NETWORK: '1',
};

describeWith(['composer'], 'the composer cataloguer beside composer show', () => {
  let folder = '';
  const run = (...args: string[]) =>
    execFileSync('composer', args, {
      cwd: folder,
      env: { ...environment, COMPOSER_HOME: join(folder, 'home') },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wharfinger-composer-'));
    writePackage('one', { version: 'v1.2.0', license: 'MIT', require: { 'acme/two': '^2' } });
    writePackage('two', { version: '2.3.4', license: ['MIT', 'Apache-2.0'] });
    writePackage('tool', { version: '0.9.0' });
    writePackage('all', { version: '3.0.0', type: 'metapackage', require: { 'acme/two': '*' } });
    const project = {
      name: 'acme/app',
      repositories: [
        { type: 'path', url: 'packages/*', options: { symlink: false } },
        { 'packagist.org': false },
      ],
      require: { 'acme/one': '*', 'acme/all': '*' },
      'require-dev': { 'acme/tool': '*' },
    };
    writeFileSync(join(folder, 'composer.json'), JSON.stringify(project));
    run('install');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function writePackage(name: string, stated: Record<string, unknown>): void {
    mkdirSync(join(folder, 'packages', name), { recursive: true });
    const manifest = JSON.stringify({ name: `acme/${name}`, ...stated });
    writeFileSync(join(folder, 'packages', name, 'composer.json'), manifest);
  }

  it('lists what composer show lists, and declares what its lock file names', () => {
    const shown = JSON.parse(run('show', '--format=json')) as {
      installed: { name: string; version: string }[];
    };
    const listed = shown.installed.map(({ name, version }) => `${name}@${version}`).sort();
    expect(listed).toEqual([
      'acme/all@3.0.0',
      'acme/one@v1.2.0',
      'acme/tool@0.9.0',
      'acme/two@2.3.4',
    ]);
    const found = catalogueFolder(composer, folder);
    expect(installedNames(found)).toEqual(listed);
    expect(found.flatMap(({ findings }) => declaredNames(findings))).toEqual(listed);
  });
});
