import { textLines } from '../../../formats/text-lines.ts';
import { packageVersion, type StatedPackage } from './npm-component.ts';
import { splitDescriptor } from './yarn-lock.ts';

type Entry = { key: string; name?: string; version?: string };

/**
 * The packages of a pnpm-lock.yaml: the keys of its `packages` map, which pnpm writes one a line at
 * an indent of two. `/name/1.0.0_peers` up to lock file version 5, `/name@1.0.0(peers)` in 6,
 * `name@1.0.0` from 9 on; a package from git or a URL states name and version in fields below.
 */
export function* readPnpmLock(bytes: Uint8Array): Generator<StatedPackage> {
  let hasSlashes = false;
  let isInPackages = false;
  let entry: Entry | undefined;
  for (const line of textLines(bytes)) {
    if (line !== '' && !line.startsWith(' ')) {
      if (entry !== undefined) yield packageOf(entry, hasSlashes);
      entry = undefined;
      isInPackages = line === 'packages:';
      if (line.startsWith('lockfileVersion:')) hasSlashes = lockVersion(line) < 6;
    } else if (isInPackages && isIndented(line, 2)) {
      if (entry !== undefined) yield packageOf(entry, hasSlashes);
      entry = { key: keyOf(line) };
    } else if (entry !== undefined && isIndented(line, 4)) {
      if (line.startsWith('    name: ')) entry.name = unquoted(line.slice(10));
      if (line.startsWith('    version: ')) entry.version = unquoted(line.slice(13));
    }
  }
  if (entry !== undefined) yield packageOf(entry, hasSlashes);
}

function isIndented(line: string, by: number): boolean {
  return line.startsWith(' '.repeat(by)) && line.length > by && line[by] !== ' ';
}

function lockVersion(line: string): number {
  return Number.parseFloat(unquoted(line.slice('lockfileVersion:'.length)));
}

/** `'@scope/name@1.0.0(peer@2.0.0)':` without quotes, colon and peers. */
function keyOf(line: string): string {
  // A long key is written `? key` with its colon on the next line.
  const key = line.trim().replace(/^\? /, '');
  const bare = unquoted(key.endsWith(':') ? key.slice(0, -1) : key);
  const peers = bare.indexOf('(');
  return peers === -1 ? bare : bare.slice(0, peers);
}

function unquoted(text: string): string {
  const value = text.trim();
  const quote = value[0];
  const isQuoted = (quote === "'" || quote === '"') && value.length > 1 && value.endsWith(quote);
  return isQuoted ? value.slice(1, -1) : value;
}

function packageOf(entry: Entry, hasSlashes: boolean): StatedPackage {
  const { name, version } = hasSlashes ? bySlashes(entry.key) : byAt(entry.key);
  // A URL or a commit stands where the version would: then the field says it.
  return {
    name: entry.name ?? name,
    version: packageVersion(version) ?? entry.version,
  };
}

function byAt(key: string): { name: string; version: string } {
  const { name, range } = splitDescriptor(key.startsWith('/') ? key.slice(1) : key);
  return { name, version: range };
}

function bySlashes(key: string): { name: string; version: string } {
  const segments = key.split('/');
  // The first is empty for a package of the default registry, else the registry's host.
  const versionAt = segments[1]?.startsWith('@') ? 3 : 2;
  const version = segments[versionAt] ?? '';
  const peers = version.indexOf('_');
  return {
    name: segments.slice(1, versionAt).join('/'),
    version: peers === -1 ? version : version.slice(0, peers),
  };
}
