import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cataloguer, FileFindings } from '../../src/scan/cataloguer.ts';
import { viewOfBytes } from './file-view.ts';

/** What a cataloguer says about one file of a folder. */
export type FolderFinding = { readonly path: string; readonly findings: FileFindings };

/**
 * Hands every file of a folder that a cataloguer wants to it, by a path as an image would have it.
 * Links are not followed, as in the layers of an image.
 */
export function catalogueFolder(cataloguer: Cataloguer, folder: string): FolderFinding[] {
  const found: FolderFinding[] = [];
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const name = join(next, entry.name);
      if (entry.isDirectory()) waiting.push(name);
      if (!entry.isFile()) continue;
      const path = name.replace(/^\//, '');
      if (cataloguer.wants?.(path, lstatSync(name).size) !== true) continue;
      found.push({ path, findings: cataloguer.parse(viewOfBytes(path, readFileSync(name))) });
    }
  }
  return found;
}

/** `@scope/name@1.0.0` of each installed component, sorted, each once. */
export function installedNames(findings: readonly FolderFinding[]): string[] {
  const names = findings.flatMap(({ findings: { components = [] } }) =>
    components.filter(({ declared }) => declared !== true).map(nameAndVersion),
  );
  return [...new Set(names)].sort();
}

/** `@scope/name@1.0.0` of each declared component, sorted. */
export function declaredNames(findings: FileFindings): string[] {
  const { components = [] } = findings;
  return components
    .filter(({ declared }) => declared === true)
    .map(nameAndVersion)
    .sort();
}

function nameAndVersion({ component }: NonNullable<FileFindings['components']>[number]): string {
  const { namespace, name, version } = component;
  return `${namespace === undefined ? '' : `${namespace}/`}${name}@${version}`;
}
