import { looksExecutable, readExecutables } from '../../../formats/executable.ts';
import type { Component } from '../../../model/component.ts';
import type { Cataloguer, FileFindings, FileView, FoundComponent } from '../../cataloguer.ts';
import { type GoBuildInfo, readGoBuildInfo } from './build-info.ts';
import { goComponent, mainModuleOf, parseGoModules, standardLibrary } from './go-modules.ts';

/** The modules a Go program was built from, as it states them itself. */
export const goBinary: Cataloguer = {
  name: 'go-binary',
  version: 1,
  recognises: (head) => looksExecutable(head),
  bytesMax: 1024 * 1024 * 1024,
  parse: parseGoBinary,
};

function parseGoBinary(file: FileView): FileFindings {
  const found = new Map<string, Component>();
  const problems: string[] = [];
  let owner: string | undefined;
  for (const image of readExecutables(file)) {
    const info = readGoBuildInfo(file, image);
    if (info === undefined) continue;
    const modules = parseGoModules(info.modules);
    if (modules.cutOff) problems.push('The list of Go modules is too long and was cut off.');
    owner ??= addComponents(found, info, modules);
  }
  if (owner === undefined) return problems.length > 0 ? { problems } : {};
  const key = `go-binary:${file.path}`;
  const components = [...found].map(
    ([id, component]): FoundComponent => (id === owner ? { component, key } : { component }),
  );
  return {
    components,
    ownerships: [{ by: key, paths: file.path }],
    ...(problems.length > 0 && { problems }),
  };
}

/** Adds what one program is made of; answers with the id of the component that explains it. */
function addComponents(
  found: Map<string, Component>,
  info: GoBuildInfo,
  modules: ReturnType<typeof parseGoModules>,
): string | undefined {
  const main = mainModuleOf(modules);
  const library = standardLibrary(info);
  const all = [
    ...(main === undefined ? [] : [goComponent(main)]),
    ...(library === undefined ? [] : [library]),
    ...modules.dependencies.map(goComponent),
  ];
  for (const component of all) found.set(identity(component), component);
  return all[0] === undefined ? undefined : identity(all[0]);
}

function identity(component: Component): string {
  return `${component.namespace ?? ''}/${component.name}@${component.version}`;
}
