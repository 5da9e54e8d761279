import { folderOf } from '../../image-path.ts';

/** The folder that a package is installed in, and the name that folder gives it. */
export type InstalledFolder = { readonly folder: string; readonly name?: string };

/**
 * The installed package that a `package.json` belongs to; undefined where it belongs to none.
 *
 * `npm ls` walks node_modules/NAME and node_modules/@scope/NAME, then the node_modules inside
 * those, and nothing else (npm's folders(5)): a package.json deeper in a package is a bundler's
 * output, a template or a test fixture, and one outside any node_modules is an application's own.
 */
export function installedFolder(path: string): InstalledFolder | undefined {
  const folder = folderOf(path);
  const segments = folder.split('/');
  if (!segments.includes('node_modules')) {
    return isPackageManager(segments) ? { folder } : undefined;
  }
  const package_ = packageAt(segments, segments.length);
  if (package_ === undefined || !isReachable(segments, package_.start)) return undefined;
  return { folder, ...(package_.name === undefined ? {} : { name: package_.name }) };
}

/** A package folder that ends before `end`; `start` is the index of its node_modules. */
type PackageFolder = { readonly start: number; readonly name?: string };

function packageAt(segments: readonly string[], end: number): PackageFolder | undefined {
  const last = segments[end - 1] ?? '';
  const above = segments[end - 2] ?? '';
  if (above === 'node_modules') {
    return isName(last) ? { start: end - 2, name: last } : undefined;
  }
  if (segments[end - 3] === 'node_modules' && above.startsWith('@') && above.length > 1) {
    return isName(last) ? { start: end - 3, name: `${above}/${last}` } : undefined;
  }
  // Yarn's pnpm linker: node_modules/.store/NAME-npm-VERSION-HASH/package
  const isInStore = segments[end - 3] === '.store' && segments[end - 4] === 'node_modules';
  return isInStore && last === 'package' ? { start: end - 4 } : undefined;
}

/** npm leaves out entries that begin with a dot; a lone @scope is no package. */
function isName(segment: string): boolean {
  return segment !== '' && !segment.startsWith('.') && !segment.startsWith('@');
}

/** Whether everything above the node_modules at `start` is again a package, a store, or outside. */
function isReachable(segments: readonly string[], start: number): boolean {
  let end = start;
  while (end > 0 && segments.lastIndexOf('node_modules', end - 1) !== -1) {
    const store = storeAt(segments, end);
    if (store !== undefined) {
      end = store;
      continue;
    }
    const outer = packageAt(segments, end);
    if (outer === undefined) return false;
    end = outer.start;
  }
  return true;
}

/**
 * The node_modules whose virtual store ends before `end`: pnpm's node_modules/.pnpm/NAME@VERSION,
 * npm's linked .store, and the like of Bun (.bun) and Deno (.deno).
 */
function storeAt(segments: readonly string[], end: number): number | undefined {
  const isStore = segments[end - 3] === 'node_modules' && segments[end - 2]?.startsWith('.');
  return isStore === true ? end - 3 : undefined;
}

/**
 * The package managers that Node's own images and Corepack put outside any node_modules:
 * opt/yarn-v1.22.22, and corepack/v1/pnpm/9.1.0 below a cache folder.
 */
function isPackageManager(segments: readonly string[]): boolean {
  if (segments.length === 2 && segments[0] === 'opt') return segments[1]!.startsWith('yarn-v');
  const at = segments.lastIndexOf('corepack');
  const below = segments.slice(at + 1).filter((segment) => segment !== 'v1');
  const [name] = below;
  return at !== -1 && below.length === 2 && (name === 'pnpm' || name === 'yarn' || name === 'npm');
}
