/** Linux's PATH_MAX; a longer path cannot be unpacked, so it can hide nothing that runs. */
export const PATH_LENGTH_MAX = 4096;

/**
 * The path of a tar entry below the image's root, without leading or trailing slash: '' is the root
 * itself. Undefined when it climbs out of the root or is longer than a path can be. Absolute paths
 * are below the root, as every engine unpacks them.
 */
export function entryPath(raw: string): string | undefined {
  if (raw.length > PATH_LENGTH_MAX) return undefined;
  let path = raw;
  if (path.startsWith('./')) path = path.slice(2);
  if (path.endsWith('/')) path = path.slice(0, -1);
  if (isPlain(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** No empty, `.` or `..` part: true of all but a few names, so it must be quick. */
function isPlain(path: string): boolean {
  if (path.startsWith('/') || path.startsWith('.')) return false;
  return !path.includes('//') && !path.includes('/.') && !path.endsWith('/');
}

/**
 * Where a symbolic link at `path` points, below the root and without resolving further links:
 * climbing above the root stays at the root, as the kernel has it.
 */
export function linkTarget(path: string, target: string): string {
  const parts = target.startsWith('/') ? [] : path.split('/').slice(0, -1);
  for (const part of target.slice(0, PATH_LENGTH_MAX).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
