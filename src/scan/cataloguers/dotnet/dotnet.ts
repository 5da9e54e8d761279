import type { Cataloguer } from '../../cataloguer.ts';
import { fileNameOf } from '../../image-path.ts';
import { problemOf } from '../../problem-of.ts';
import { isProjectFile } from '../../project-file.ts';
import { readDependencies } from './deps-json.ts';
import { readPackagesLock } from './packages-lock.ts';

/**
 * NuGet packages of published .NET applications, tools and shared frameworks, by the `.deps.json`
 * that the host reads to load them; what a packages.lock.json names is declared.
 */
export const dotnet: Cataloguer = {
  name: 'dotnet',
  version: 1,
  bytesMax: 32 * 1024 * 1024,
  wants: (path) =>
    path.endsWith('.deps.json') || (path.endsWith('packages.lock.json') && isProjectLock(path)),
  parse: (file) => {
    try {
      return file.path.endsWith('.deps.json') ? readDependencies(file) : readPackagesLock(file);
    } catch (error) {
      return problemOf(error);
    }
  },
};

function isProjectLock(path: string): boolean {
  return fileNameOf(path) === 'packages.lock.json' && isProjectFile(path);
}
