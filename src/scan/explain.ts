import type { LiveFiles } from './live-files.ts';
import { keysAlong, type PathKey, pathKey } from './path-set.ts';

const LINKS_FOLLOWED_MAX = 40;
const ALIASES_MAX = 32;

/** Which components' packages put a file there: path → keys of components (`deb:libc6:amd64`). */
export type Owners = ReadonlyMap<string, readonly string[]>;

/**
 * Looks up who owns the given paths. Package databases name files through folders that are links
 * today (`/bin/ls` where `bin` leads to `usr/bin`), so each path is looked up under every name that
 * leads to it.
 */
export function findOwners(
  live: LiveFiles,
  layers: readonly { readonly ownedKeys: Float64Array }[],
  paths: Iterable<string>,
): Owners {
  const names = makeNames(live.symlinks);
  const asked = new Map<PathKey, string[]>();
  const folders = new Map<PathKey, string[]>();
  for (const path of paths) {
    for (const name of names(path)) pushTo(asked, pathKey(name), path);
  }
  const owners = new Map<string, string[]>();
  for (const file of live.files.values()) {
    const keys = layers[file.layer]?.ownedKeys;
    for (const owned of file.records.flatMap((record) => record.ownerships ?? [])) {
      for (let at = owned.start; at < owned.start + owned.count; at++) {
        const found = asked.get(keys?.[at] ?? -1);
        if (found !== undefined) for (const path of found) pushTo(owners, path, owned.by);
      }
      for (const folder of owned.folders ?? []) pushTo(folders, pathKey(folder), owned.by);
    }
  }
  if (folders.size > 0)
    addFolderOwners(owners, folders, new Set([...asked.values()].flat()), names);
  return owners;
}

function addFolderOwners(
  owners: Map<string, string[]>,
  folders: ReadonlyMap<PathKey, readonly string[]>,
  paths: ReadonlySet<string>,
  names: (path: string) => readonly string[],
): void {
  for (const path of paths) {
    for (const key of names(path).flatMap(keysAlong)) {
      for (const by of folders.get(key) ?? []) pushTo(owners, path, by);
    }
  }
}

/** All names of a path: itself, and through every link that leads to a folder above it. */
function makeNames(symlinks: ReadonlyMap<string, string>): (path: string) => string[] {
  const linksTo = new Map<string, string[]>();
  for (const [link, target] of symlinks) {
    const real = followLinks(target, symlinks);
    if (real !== undefined && real !== link) pushTo(linksTo, real, link);
  }
  const folderNames = new Map<string, readonly string[]>([['', ['']]]);
  const namesOfFolder = (folder: string): readonly string[] => {
    const known = folderNames.get(folder);
    if (known !== undefined) return known;
    const slash = folder.lastIndexOf('/');
    const above = namesOfFolder(slash === -1 ? '' : folder.slice(0, slash));
    const last = folder.slice(slash + 1);
    const names = above.map((name) => (name === '' ? last : `${name}/${last}`));
    names.push(...(linksTo.get(folder) ?? []));
    const bounded = names.slice(0, ALIASES_MAX);
    folderNames.set(folder, bounded);
    return bounded;
  };
  return (path) => {
    const slash = path.lastIndexOf('/');
    const last = path.slice(slash + 1);
    const above = namesOfFolder(slash === -1 ? '' : path.slice(0, slash));
    return above.map((name) => (name === '' ? last : `${name}/${last}`));
  };
}

/** The real path behind links in any of a path's folders, or undefined where they go in circles. */
export function followLinks(
  path: string,
  symlinks: ReadonlyMap<string, string>,
): string | undefined {
  let real = '';
  let rest = path.split('/');
  for (let followed = 0; rest.length > 0; ) {
    const [first = '', ...others] = rest;
    const next = real === '' ? first : `${real}/${first}`;
    const target = symlinks.get(next);
    if (target === undefined) {
      real = next;
      rest = others;
      continue;
    }
    if (++followed > LINKS_FOLLOWED_MAX) return undefined;
    real = '';
    rest = [...(target === '' ? [] : target.split('/')), ...others];
  }
  return real;
}

function pushTo<K>(map: Map<K, string[]>, key: K, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (!list.includes(value)) list.push(value);
}
