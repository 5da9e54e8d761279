import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { optionalParts } from '../optional-parts.ts';
import { type Part, type PartName, parts } from '../parts.ts';
import { testDataFolder } from './vectors.ts';

const sbinFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The path of a part that a suite has asked for with `describeWith`. */
export function getPartPath(name: PartName): string {
  const path = findPart(name);
  if (path === undefined) throw new Error(whatIsMissing(name));
  return path;
}

/**
 * Where a part is: on the PATH (or where Debian keeps programs of the system), in the folder
 * WHARFINGER_PEERS, or undefined.
 */
export function findPart(name: PartName): string | undefined {
  if (name === 'test-data') return testDataFolder();
  const { find } = getPart(name);
  if (isAbsolute(find)) return existsSync(find) ? find : undefined;
  const peers = process.env['WHARFINGER_PEERS'];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...sbinFolders,
    ...(peers === undefined ? [] : [peers]),
  ];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, find))
    .find(isProgram);
}

function getPart(name: PartName): Part {
  const part = parts.find((candidate) => candidate.part === name);
  if (part === undefined) throw new Error(`${name} is not in test/parts.ts`);
  return part;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Where the suites reach a Docker Engine: DOCKER_HOST, or the usual socket when there is one. */
export function dockerHost(): string | undefined {
  const given = process.env['DOCKER_HOST'];
  if (given !== undefined && given !== '') return given;
  return existsSync('/var/run/docker.sock') ? 'unix:///var/run/docker.sock' : undefined;
}

/** What a part is for and how to get it, in one line. */
export function howToGet(name: PartName): string {
  const { debian, otherwise, why } = getPart(name);
  return `${name}: ${why} (${debian === undefined ? otherwise : `apt-get install ${debian}`})`;
}

/** Why a suite that needs this part cannot run here and how to get it; undefined when it can. */
export function whatIsMissing(name: PartName): string | undefined {
  if (findPart(name) === undefined) return howToGet(name);
  // The program alone observes nothing: `npm test` starts an engine and says where.
  if (name === 'dockerd' && dockerHost() === undefined) {
    return 'dockerd: no engine answers (npm test starts one as root; or set DOCKER_HOST)';
  }
  return undefined;
}

export function isOptional(name: PartName): boolean {
  return optionalParts.some(({ part }) => part === name);
}
