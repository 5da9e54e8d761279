import {
  jsonElements,
  jsonMember,
  jsonText,
  parseBoundedJson,
} from '../../../formats/bounded-json.ts';
import type { Component } from '../../../model/component.ts';
import type {
  Cataloguer,
  FileFindings,
  FileView,
  FoundComponent,
  Ownership,
} from '../../cataloguer.ts';
import {
  fileNameOf,
  folderOf,
  inFolder,
  ownedCharactersMax,
  resolveInImage,
} from '../../image-path.ts';
import { problemOf } from '../../problem-of.ts';
import { isProjectFile } from '../../project-file.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';

/**
 * PHP packages as `composer show` lists them, from vendor/composer/installed.json, those for
 * development included when they are installed; what a composer.lock names is declared.
 */
export const composer: Cataloguer = {
  name: 'composer',
  version: 1,
  bytesMax: 32 * 1024 * 1024,
  wants: (path) => isInstalledList(path) || (path.endsWith('composer.lock') && isProjectLock(path)),
  parse: (file) => {
    try {
      return isInstalledList(file.path) ? readInstalled(file) : readLock(file);
    } catch (error) {
      return problemOf(error);
    }
  },
};

/** The vendor folder may have any name, the folder inside it has this one. */
function isInstalledList(path: string): boolean {
  return path.endsWith('/composer/installed.json') || path === 'composer/installed.json';
}

function isProjectLock(path: string): boolean {
  return fileNameOf(path) === 'composer.lock' && isProjectFile(path);
}

function readInstalled(file: FileView): FileFindings {
  const document = parseBoundedJson(file.bytes());
  // Composer 1 wrote the list itself, Composer 2 an object around it.
  const list = jsonElements(jsonMember(document, 'packages') ?? document);
  const vendorComposer = folderOf(file.path);
  const components: FoundComponent[] = [];
  const ownerships: Ownership[] = [];
  let charactersLeft = ownedCharactersMax(file.size);
  for (const stated of list) {
    const component = composerComponent(stated);
    if (component === undefined) continue;
    const name = `${component.namespace}/${component.name}`;
    const key = `composer:${inFolder(folderOf(vendorComposer), name)}`;
    components.push({ component, key });
    const paths = `${installFolder(stated, vendorComposer) ?? ''}/`;
    charactersLeft -= paths.length;
    if (paths !== '/' && charactersLeft >= 0) ownerships.push({ by: key, paths });
  }
  return { components, ownerships, ...leftOut(list.length - components.length) };
}

function readLock(file: FileView): FileFindings {
  const lock = parseBoundedJson(file.bytes());
  const list = ['packages', 'packages-dev'].flatMap((name) => jsonElements(jsonMember(lock, name)));
  const components = list
    .map(composerComponent)
    .filter((component) => component !== undefined)
    .map((component): FoundComponent => ({ component, declared: true }));
  return { components, ...leftOut(list.length - components.length) };
}

function leftOut(count: number): FileFindings {
  if (count === 0) return {};
  return { problems: [`${count} of its packages state no valid name and version.`] };
}

/**
 * Composer 2 states where a package is, from vendor/composer; a metapackage is nowhere. Plug-ins
 * put some elsewhere in the project; none may claim the project, the vendor folder or the system.
 */
function installFolder(stated: unknown, vendorComposer: string): string | undefined {
  if (jsonText(stated, 'type') === 'metapackage') return undefined;
  const path = jsonText(stated, 'install-path') ?? `../${jsonText(stated, 'name')}`;
  const folder = resolveInImage(vendorComposer, path);
  if (folder === undefined || `${vendorComposer}/`.startsWith(`${folder}/`)) return undefined;
  const vendor = folderOf(vendorComposer);
  const project = folderOf(vendor) === '' ? vendor : folderOf(vendor);
  return folder.startsWith(`${project}/`) ? folder : undefined;
}

/**
 * Name and vendor in lower case as package URLs have them, the version as Composer prints it: with
 * the author's leading v, or `dev-BRANCH`.
 */
function composerComponent(stated: unknown): Component | undefined {
  const fullName = statedWord(jsonMember(stated, 'name'))?.toLowerCase();
  const version = statedWord(jsonMember(stated, 'version'));
  const parts = /^([a-z0-9][\w.-]*)\/([a-z0-9][\w.-]*)$/.exec(fullName ?? '');
  if (parts === null || version === undefined || !/^\w[\w.+#/-]*$/.test(version)) return undefined;
  const licence = jsonMember(stated, 'license');
  const licences = statedLicences(Array.isArray(licence) ? jsonElements(licence) : [licence]);
  return {
    type: 'composer',
    namespace: parts[1]!,
    name: parts[2]!,
    version,
    ...(licences.length === 0 ? {} : { licences }),
  };
}
