import type { Component } from '../../../model/component.ts';
import type { GoBuildInfo } from './build-info.ts';

/** The largest programs known list under 1,500 modules. */
const MODULES_MAX = 20_000;

export type GoModule = { readonly path: string; readonly version: string };
export type GoModules = {
  /** The package that was built: `github.com/docker/cli/cmd/docker`. */
  readonly packagePath: string;
  readonly main?: GoModule;
  readonly dependencies: readonly GoModule[];
  readonly settings: ReadonlyMap<string, string>;
  readonly cutOff: boolean;
};

/** Reads the module text: tab-separated lines, as runtime/debug.ParseBuildInfo describes them. */
export function parseGoModules(text: string): GoModules {
  let packagePath = '';
  let main: GoModule | undefined;
  let last: 'main' | 'dependency' | undefined;
  const dependencies: GoModule[] = [];
  const settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [kind, path = '', version = ''] = line.split('\t');
    if (kind === 'path') packagePath = path;
    else if (kind === 'build') addSetting(settings, line.slice('build\t'.length));
    else if (kind === 'mod' && path !== '') {
      main = { path, version: statedVersion(version) };
      last = 'main';
    } else if (kind === 'dep' && path !== '') {
      if (dependencies.length === MODULES_MAX) break;
      dependencies.push({ path, version: statedVersion(version) });
      last = 'dependency';
    } else if (kind === '=>' && path !== '' && last === 'dependency') {
      const replaced = dependencies.pop();
      if (replaced !== undefined) dependencies.push(replacementOf(replaced, { path, version }));
      last = undefined;
    }
  }
  const cutOff = dependencies.length === MODULES_MAX;
  return { packagePath, ...(main && { main }), dependencies, settings, cutOff };
}

/** `(devel)` is Go's word for "built from a working copy": no version is stated. */
function statedVersion(version: string): string {
  return version === '(devel)' ? '' : version;
}

/**
 * A module replaced by another is that other one. Replaced by a folder of the working copy, it
 * keeps its name, and no version is known: the folder's code is of no release.
 */
function replacementOf(module: GoModule, by: GoModule): GoModule {
  const isFolder = by.path.startsWith('.') || by.path.startsWith('/') || by.path[1] === ':';
  return isFolder
    ? { path: module.path, version: '' }
    : { ...by, version: statedVersion(by.version) };
}

function addSetting(settings: Map<string, string>, line: string): void {
  const equals = line.indexOf('=');
  if (equals > 0 && settings.size < 100)
    settings.set(line.slice(0, equals), line.slice(equals + 1));
}

/** The main module, with the version its build passed to the linker where Go states none. */
export function mainModuleOf(modules: GoModules): GoModule | undefined {
  const path = modules.main?.path ?? modulePathOf(modules.packagePath);
  if (path === undefined) return undefined;
  const stated = modules.main?.version ?? '';
  return { path, version: stated === '' ? linkedVersion(modules, path) : stated };
}

const FORGES: readonly string[] = ['github.com', 'gitlab.com', 'bitbucket.org', 'codeberg.org'];

/**
 * A program built without modules (vendored in GOPATH mode, as Docker's are) states only the path
 * of its package. On a forge its first three segments are the repository, which names the module.
 */
function modulePathOf(packagePath: string): string | undefined {
  const [host = '', owner, repository] = packagePath.split('/');
  if (!FORGES.includes(host) || !owner || !repository) return undefined;
  return `${host}/${owner}/${repository}`;
}

const LINKED_VERSION_NAME = /^(?:.{0,200}[./])?(?:build|app|program)?version$/i;
/** Variables of shared libraries that hold the version of the program they are linked into. */
const SHARED_STAMPS: ReadonlySet<string> = new Set([
  'github.com/prometheus/common/version.Version',
  'k8s.io/component-base/version.gitVersion',
]);
const RELEASE = /^v?(\d{1,6}\.\d{1,6}\.\d{1,6}(?:[-+][0-9A-Za-z.+-]{1,64})?)$/;

/**
 * What `-ldflags "-X package.Version=1.2.3"` set, where the variable lies in the program's main
 * package or its own module: the usual way to stamp a release. Ambiguous stamps count as none.
 */
function linkedVersion(modules: GoModules, modulePath: string): string {
  // The value is a quoted Go string: its tabs and newlines are written as escapes.
  const flags = (modules.settings.get('-ldflags') ?? '').slice(0, 64 * 1024);
  const found = new Set<string>();
  for (const word of flags.replaceAll(/\\[tn]/g, ' ').split(/[\s"'\\]+/)) {
    const equals = word.indexOf('=');
    if (equals === -1) continue;
    const variable = word.slice(word.startsWith('-X=') ? 3 : 0, equals);
    const own = variable.startsWith('main.') || variable.startsWith(`${modulePath}/`);
    const release = RELEASE.exec(word.slice(equals + 1))?.[1];
    const isStamp = SHARED_STAMPS.has(variable) || (own && LINKED_VERSION_NAME.test(variable));
    if (release !== undefined && isStamp) found.add(release);
  }
  const [version] = found;
  return found.size === 1 && version !== undefined ? `v${version}` : '';
}

/** A module as a component: all but the last segment of its path is the namespace. */
export function goComponent(module: GoModule): Component {
  const slash = module.path.lastIndexOf('/');
  const namespace = slash > 0 ? module.path.slice(0, slash) : undefined;
  return {
    type: 'golang',
    ...(namespace !== undefined && { namespace }),
    name: module.path.slice(slash + 1),
    version: module.version,
  };
}

const TOOLCHAIN = /^go(\d{1,4}(?:\.\d{1,4}){1,2})(?:(rc|beta)(\d{1,3}))?(?![\w.])/;

/**
 * The standard library that is linked in, under the name and in the version order of Go's own
 * vulnerability records: `go1.22.1` is `stdlib` 1.22.1, `go1.21rc2` is 1.21.0-rc.2. Undefined for
 * a toolchain of no release (`devel go1.23-…`).
 */
export function standardLibrary(info: GoBuildInfo): Component | undefined {
  const match = TOOLCHAIN.exec(info.toolchain);
  const release = match?.[1];
  if (release === undefined) return undefined;
  const [, , stage, number] = match ?? [];
  const full = release.split('.').length === 2 ? `${release}.0` : release;
  const version = stage === undefined ? release : `${full}-${stage}.${number ?? '0'}`;
  return { type: 'golang', name: 'stdlib', version };
}
