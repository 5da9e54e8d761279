/**
 * Whether a lock file belongs to a project of the image's own. One that lies inside something
 * installed or fetched came with it and says nothing about this image: the package managers ignore
 * the lock files of their packages, too.
 */
export function isProjectFile(path: string): boolean {
  const segments = path.split('/');
  return !segments.some(
    (segment, index) =>
      PACKAGE_FOLDERS.has(segment) ||
      // RubyGems' gems/NAME-1.0, Go's module cache pkg/mod, a distribution's share/doc
      (segment === 'gems' && /-\d/.test(segments[index + 1] ?? '')) ||
      (segment === 'mod' && segments[index - 1] === 'pkg') ||
      (segment === 'doc' && segments[index - 1] === 'share'),
  );
}

const PACKAGE_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  'site-packages',
  'dist-packages',
  'vendor',
]);
