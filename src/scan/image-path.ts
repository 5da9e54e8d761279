/** The last segment of a path. */
export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path without its last segment and slash; empty for a file at the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** `name` inside `folder`, where the folder may be the root (empty). */
export function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/**
 * The path a package's own file list means, seen from `folder`: `..` climbs, a leading slash starts
 * at the root of the image. Undefined when it would leave the image, names the root itself, or
 * holds what no path in an image holds.
 */
export function resolveInImage(folder: string, stated: string): string | undefined {
  if (stated === '' || stated.length > PATH_CHARACTERS_MAX || holdsControlCharacter(stated)) {
    return undefined;
  }
  const segments = stated.startsWith('/') || folder === '' ? [] : folder.split('/');
  for (const segment of stated.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.length === 0 ? undefined : segments.join('/');
}

/** PATH_MAX of Linux, limits.h. */
const PATH_CHARACTERS_MAX = 4096;

function holdsControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) < 0x20) return true;
  }
  return false;
}

/**
 * How long the paths may be that one list of files is turned into: four times the list, and 1 MiB
 * at least. Each path repeats its folder, so that a short hostile list deep in an image would
 * otherwise grow a thousandfold; real lists name a checksum or a folder beside each file.
 */
export function ownedCharactersMax(listBytes: number): number {
  return Math.max(1024 * 1024, 4 * listBytes);
}

/** Paths as an Ownership has them, as many as fit. */
export function ownedPaths(paths: Iterable<string>, charactersMax: number): string {
  const kept: string[] = [];
  let characters = 0;
  for (const path of paths) {
    characters += path.length + 1;
    if (characters > charactersMax) break;
    kept.push(path);
  }
  return kept.join('\n');
}
