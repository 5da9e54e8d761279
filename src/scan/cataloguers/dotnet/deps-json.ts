import {
  jsonMember,
  jsonMembers,
  jsonText,
  parseBoundedJson,
} from '../../../formats/bounded-json.ts';
import type { Component } from '../../../model/component.ts';
import type { FileFindings, FileView, FoundComponent, Ownership } from '../../cataloguer.ts';
import {
  fileNameOf,
  folderOf,
  ownedCharactersMax,
  ownedPaths,
  resolveInImage,
} from '../../image-path.ts';
import { nugetComponent } from './nuget-component.ts';

/**
 * The packages of a .deps.json (dotnet/sdk, runtime-configuration-file.md) that put a file beside
 * it: those of type `package`, and the runtime itself when it is published along (`runtimepack`).
 * A package that gives only references, analysers or a list of others left nothing in the image;
 * projects are the application's own.
 */
export function readDependencies(file: FileView): FileFindings {
  const document = parseBoundedJson(file.bytes());
  const target = selectedTarget(document);
  const components: FoundComponent[] = [];
  const ownerships: Ownership[] = [];
  let charactersLeft = ownedCharactersMax(file.size);
  for (const [library, description] of jsonMembers(jsonMember(document, 'libraries'))) {
    const type = jsonText(description, 'type');
    if (type !== 'package' && type !== 'runtimepack') continue;
    const assets = target === undefined ? [] : assetsOf(jsonMember(target, library));
    if (target !== undefined && assets.length === 0) continue;
    const component = libraryComponent(library, type);
    if (component === undefined) continue;
    const key = `nuget:${file.path}:${library}`;
    components.push({ component, key });
    const paths = ownedPaths(resolved(assets, folderOf(file.path)), charactersLeft);
    charactersLeft -= paths.length;
    if (paths !== '') ownerships.push({ by: key, paths });
  }
  return withSharedFramework(file.path, { components, ownerships });
}

function resolved(assets: readonly string[], folder: string): string[] {
  return assets.map((asset) => resolveInImage(folder, asset)).filter((path) => path !== undefined);
}

/** The target that `runtimeTarget` names: the one for the platform it was published for. */
function selectedTarget(document: unknown): unknown {
  const targets = jsonMember(document, 'targets');
  const runtime = jsonMember(document, 'runtimeTarget');
  // Before .NET Core 2 it was a plain string.
  const name = typeof runtime === 'string' ? runtime : jsonText(runtime, 'name');
  const named = name === undefined ? undefined : jsonMember(targets, name);
  if (named !== undefined) return named;
  const all = jsonMembers(targets);
  return all.length === 1 ? all[0]?.[1] : undefined;
}

/** Files of a library, from the folder of the .deps.json: flat, by culture, or by platform. */
function assetsOf(library: unknown): string[] {
  const flat = ['runtime', 'native'].flatMap((kind) =>
    jsonMembers(jsonMember(library, kind)).map(([path]) => fileNameOf(path)),
  );
  const byPlatform = jsonMembers(jsonMember(library, 'runtimeTargets')).map(([path]) => path);
  const byCulture = jsonMembers(jsonMember(library, 'resources')).map(([path, resource]) =>
    [jsonText(resource, 'locale') ?? fileNameOf(folderOf(path)), fileNameOf(path)].join('/'),
  );
  // `lib/net8.0/_._` is NuGet's mark for "nothing needed here".
  return [...flat, ...byPlatform, ...byCulture].filter((asset) => fileNameOf(asset) !== '_._');
}

const RUNTIME_PACK = 'runtimepack.';

/** `Newtonsoft.Json/13.0.1`; a runtime pack is the package of that name without its prefix. */
function libraryComponent(library: string, type: string): Component | undefined {
  const slash = library.indexOf('/');
  const id = library.slice(0, Math.max(0, slash));
  const isPack = type === 'runtimepack' && id.startsWith(RUNTIME_PACK);
  return nugetComponent(isPack ? id.slice(RUNTIME_PACK.length) : id, library.slice(slash + 1));
}

/**
 * A shared framework lies in shared/NAME/VERSION, which is what `dotnet --list-runtimes` prints.
 * Its NAME.deps.json names the package it came from; where it does not, its folder names it.
 */
function withSharedFramework(path: string, findings: FileFindings): FileFindings {
  const segments = folderOf(path).split('/');
  const [shared, name, version] = segments.slice(-3);
  if (shared !== 'shared' || fileNameOf(path) !== `${name}.deps.json`) return findings;
  const found = findings.components?.find(({ component }) => component.name.startsWith(name ?? ''));
  const component = found?.component ?? nugetComponent(name, version);
  if (component === undefined) return findings;
  const key = found?.key ?? `nuget:${path}`;
  const { components = [], ownerships = [] } = findings;
  return {
    components: found === undefined ? [...components, { component, key }] : components,
    ownerships: [...ownerships, { by: key, paths: `${folderOf(path)}/` }],
  };
}
