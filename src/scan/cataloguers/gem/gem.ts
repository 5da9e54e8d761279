import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { fileNameOf, folderOf, inFolder } from '../../image-path.ts';
import { problemOf } from '../../problem-of.ts';
import { isProjectFile } from '../../project-file.ts';
import { fullGemName, gemComponent } from './gem-component.ts';
import { readGemfileLock } from './gemfile-lock.ts';
import { type Gemspec, readGemspec } from './gemspec.ts';

/**
 * Ruby gems as `gem list` shows them: the specifications that RubyGems keeps of what is installed,
 * Ruby's own default gems among them. A gemspec anywhere else is a source and is left out; what a
 * Gemfile.lock names is declared.
 */
export const gem: Cataloguer = {
  name: 'gem',
  version: 1,
  bytesMax: 16 * 1024 * 1024,
  wants: (path) =>
    (path.endsWith('.gemspec') && gemHome(path) !== undefined) ||
    (path.endsWith('/gem.build_complete') && builtExtension(path) !== undefined) ||
    ((path.endsWith('Gemfile.lock') || path.endsWith('gems.locked')) && isProjectLock(path)),
  parse: (file) => {
    try {
      return parse(file);
    } catch (error) {
      return problemOf(error);
    }
  },
};

function parse(file: FileView): FileFindings {
  const { path } = file;
  if (path.endsWith('/gem.build_complete')) return builtExtension(path) ?? {};
  const home = path.endsWith('.gemspec') ? gemHome(path) : undefined;
  if (home === undefined) return { components: readGemfileLock(file.bytes()) };
  const spec = readGemspec(file.bytes());
  if (spec === undefined) {
    return { problems: ['The gem specification states no literal name and version.'] };
  }
  const by = keyOf(home, fullGemName(spec));
  return {
    components: [{ component: gemComponent(spec), key: by }],
    ownerships: [{ by, paths: ownedFiles(home, spec).join('\n') }],
  };
}

/** The folder above `specifications/X.gemspec` or `specifications/default/X.gemspec`. */
function gemHome(path: string): string | undefined {
  const folder = folderOf(path);
  const specifications = fileNameOf(folder) === 'default' ? folderOf(folder) : folder;
  return fileNameOf(specifications) === 'specifications' ? folderOf(specifications) : undefined;
}

function keyOf(home: string, fullName: string): string {
  return `gem:${inFolder(home, `gems/${fullName}`)}`;
}

/** The gem's own folder, and the small programs that RubyGems writes for its executables. */
function ownedFiles(home: string, spec: Gemspec): string[] {
  const programs = programFolders(home).flatMap((folder) =>
    spec.executables.slice(0, 100).map((executable) => inFolder(folder, executable)),
  );
  return [`${inFolder(home, `gems/${fullGemName(spec)}`)}/`, ...programs];
}

/** Gem.bindir: beside the gems, beside the Ruby whose gems they are, and where Debian puts it. */
function programFolders(home: string): string[] {
  const folders = [inFolder(home, 'bin')];
  const ruby = home.lastIndexOf('/lib/ruby/gems/');
  if (ruby !== -1) folders.push(`${home.slice(0, ruby)}/bin`);
  if (home.startsWith('var/lib/gems/')) folders.push('usr/local/bin');
  return folders;
}

/**
 * What a gem's compiled part is: RubyGems leaves an empty gem.build_complete in
 * extensions/PLATFORM/API-VERSION/FULL-NAME, a path that the specification does not tell.
 */
function builtExtension(path: string): FileFindings | undefined {
  const segments = folderOf(path).split('/');
  const at = segments.length - 4;
  const fullName = segments.at(-1);
  if (segments[at] !== 'extensions' || fullName === undefined) return undefined;
  const home = segments.slice(0, at).join('/');
  return { ownerships: [{ by: keyOf(home, fullName), paths: `${folderOf(path)}/` }] };
}

function isProjectLock(path: string): boolean {
  const name = fileNameOf(path);
  return (name === 'Gemfile.lock' || name === 'gems.locked') && isProjectFile(path);
}
