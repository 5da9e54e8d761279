import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalogueFolder, installedNames } from '../../../../test/harness/catalogue-folder.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { pypi } from './pypi.ts';

const DEBIAN_FOLDER = '/usr/lib/python3/dist-packages';

/** What pip lists in one folder of sys.path, by the normal form of each name: the oracle. */
function listedByPip(python: string, folder: string): string[] {
  const args = ['-m', 'pip', 'list', '--format', 'json', '--path', folder];
  const listed = JSON.parse(execFileSync(python, args, { encoding: 'utf8' })) as {
    name: string;
    version: string;
  }[];
  return listed.map((each) => `${normalised(each.name)}@${each.version}`).sort();
}

function normalised(name: string): string {
  return name.split(/[._-]/).filter(Boolean).join('-').toLowerCase();
}

const isPipHere = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
const isVenvHere = spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;

describeWith(
  [{ part: 'pip3', isUsable: isPipHere && existsSync(DEBIAN_FOLDER) }],
  'the pypi cataloguer beside pip list (needs pip and Python packages of Debian)',
  () => {
    it("lists Debian's packages as pip does", () => {
      const listed = listedByPip('python3', DEBIAN_FOLDER);
      expect(installedNames(catalogueFolder(pypi, DEBIAN_FOLDER))).toEqual(listed);
    });
  },
);

describeWith(
  [{ part: 'python3-venv', isUsable: isVenvHere }],
  'a virtual environment (needs python3-venv)',
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'wharfinger-pypi-'));
      execFileSync('python3', ['-m', 'venv', folder]);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    function siteFolder(): string {
      const program = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
      return execFileSync(join(folder, 'bin/python'), ['-c', program], { encoding: 'utf8' }).trim();
    }

    it('holds what its own pip lists, without the wheels that pip and setuptools bring', () => {
      const listed = listedByPip(join(folder, 'bin/python'), siteFolder());
      expect(listed.some((name) => name.startsWith('pip@'))).toBe(true);
      expect(installedNames(catalogueFolder(pypi, folder))).toEqual(listed);
    });

    it('says that pip put bin/pip there', () => {
      const owned = catalogueFolder(pypi, folder).flatMap(({ findings }) =>
        (findings.ownerships ?? []).flatMap(({ paths }) => paths.split('\n')),
      );
      expect(owned).toContain(join(folder, 'bin/pip').slice(1));
    });
  },
);
