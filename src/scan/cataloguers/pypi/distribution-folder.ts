import { fileNameOf, folderOf } from '../../image-path.ts';

/**
 * A distribution's metadata, and the import folder (site-packages) that its file lists start at.
 */
export type DistributionFolder = {
  /** `…/foo-1.0.dist-info`, `…/foo.egg-info`, `…/foo.egg/EGG-INFO`, or a lone `.egg-info` file. */
  readonly metadata: string;
  readonly importFolder: string;
};

/**
 * The distribution that a file of metadata belongs to; undefined for one that `pip list` would not
 * show. pip looks for metadata directly in the folders of sys.path: what lies deeper in
 * site-packages was brought along by a package (setuptools/_vendor), and what lies in a cache or
 * among tests is not installed.
 */
export function distributionFolder(metadata: string): DistributionFolder | undefined {
  // pip renames what it is about to replace to ~ame, and ignores what was left behind so.
  if (fileNameOf(metadata).startsWith('~') || fileNameOf(metadata).startsWith('-'))
    return undefined;
  const isEgg = metadata.endsWith('.egg/EGG-INFO');
  const importFolder = folderOf(metadata);
  const parent = isEgg ? folderOf(importFolder) : importFolder;
  return isOnPath(parent.split('/')) ? { metadata, importFolder } : undefined;
}

function isOnPath(segments: readonly string[]): boolean {
  const site = segments.findLastIndex(isSiteFolder);
  if (site !== -1) return site === segments.length - 1 && !isInPackageCache(segments, site);
  return !segments.some((segment) => UNINSTALLED_FOLDERS.has(segment));
}

/** The folders of sys.path that installers put modules in. */
export function isSiteFolder(segment: string): boolean {
  return segment === 'site-packages' || segment === 'dist-packages';
}

/** archive-v0 is uv's cache of unpacked wheels. */
const UNINSTALLED_FOLDERS = new Set(['_vendor', 'archive-v0', 'test', 'tests', 'testdata']);

/** conda keeps what it unpacked in pkgs/NAME-VERSION-BUILD, beside where it is installed. */
function isInPackageCache(segments: readonly string[], site: number): boolean {
  const at = segments.lastIndexOf('pkgs', site);
  return at !== -1 && (segments[at + 1] ?? '').split('-').length > 2;
}
