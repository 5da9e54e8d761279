import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { fileNameOf } from '../../image-path.ts';
import { problemOf } from '../../problem-of.ts';
import { isProjectFile } from '../../project-file.ts';
import { readBunLock } from './bun-lock.ts';
import { installedFolder } from './installed-folder.ts';
import { declaredPackages, type StatedPackage } from './npm-component.ts';
import { readPackageJson } from './package-json.ts';
import { readPackageLock } from './package-lock.ts';
import { readPnpmLock } from './pnpm-lock.ts';
import { readYarnLock } from './yarn-lock.ts';

/**
 * Packages of the npm registry, whatever installed them (npm, pnpm, Yarn, Bun), as `npm ls --all`
 * would list them; and what lock files of applications name, as declared.
 */
export const npm: Cataloguer = {
  name: 'npm',
  version: 1,
  bytesMax: 32 * 1024 * 1024,
  wants: (path) => {
    if (path.endsWith('/package.json')) return installedFolder(path) !== undefined;
    return isLockEnding(path) && lockReaderOf(path) !== undefined;
  },
  parse: (file) => {
    try {
      return parse(file);
    } catch (error) {
      return problemOf(error);
    }
  },
};

function parse(file: FileView): FileFindings {
  const installed = installedFolder(file.path);
  if (installed !== undefined && file.path.endsWith('/package.json')) {
    return readPackageJson(file.bytes(), installed);
  }
  const readLock = lockReaderOf(file.path);
  return readLock === undefined ? {} : { components: declaredPackages(readLock(file.bytes())) };
}

const LOCK_READERS: ReadonlyMap<string, (bytes: Uint8Array) => Iterable<StatedPackage>> = new Map([
  ['package-lock.json', readPackageLock],
  ['npm-shrinkwrap.json', readPackageLock],
  ['yarn.lock', readYarnLock],
  ['pnpm-lock.yaml', readPnpmLock],
  ['bun.lock', readBunLock],
]);

function isLockEnding(path: string): boolean {
  return path.endsWith('.lock') || path.endsWith('lock.yaml') || path.endsWith('.json');
}

function lockReaderOf(path: string) {
  const readLock = LOCK_READERS.get(fileNameOf(path));
  return readLock !== undefined && isProjectFile(path) ? readLock : undefined;
}
