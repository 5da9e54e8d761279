import { makeHiding } from './hiding.ts';
import type { FileRecord, LayerRecord } from './layer-record.ts';

/** A file of the topmost view, with what cataloguers said of it. */
export type LiveFile = {
  readonly path: string;
  readonly layer: number;
  readonly records: readonly FileRecord[];
  /** Per component (by `componentIdentity`): the layer since which it is stated here.  */
  readonly since: ReadonlyMap<string, number>;
};

export type LiveExecutable = {
  readonly path: string;
  /** The same for hard links of one file. */
  readonly file: string;
};

/** What is left of all layers when they lie on each other. */
export type LiveFiles = {
  readonly files: ReadonlyMap<string, LiveFile>;
  readonly symlinks: ReadonlyMap<string, string>;
  readonly executables: ReadonlyMap<string, LiveExecutable>;
  readonly problems: readonly {
    readonly path: string;
    readonly message: string;
    readonly layer: number;
  }[];
};

/** Lays layers on each other, the lowest first. */
export function layLayers(layers: readonly LayerRecord[]): LiveFiles {
  const files = new Map<string, LiveFile>();
  const symlinks = new Map<string, string>();
  const executables = new Map<string, LiveExecutable>();
  let problems: LiveFiles['problems'] = [];
  for (const [index, layer] of layers.entries()) {
    const replaced = new Map<string, LiveFile>();
    if (index > 0) {
      const hides = makeHiding(layer);
      for (const [path, file] of files) {
        if (!hides(path)) continue;
        replaced.set(path, file);
        files.delete(path);
      }
      for (const path of symlinks.keys()) if (hides(path)) symlinks.delete(path);
      for (const path of executables.keys()) if (hides(path)) executables.delete(path);
      problems = problems.filter(({ path }) => path === '' || !hides(path));
    }
    for (const [path, records] of groupByPath(layer.files)) {
      const since = sinceWhen(records, index, replaced.get(path));
      files.set(path, { path, layer: index, records, since });
    }
    for (const [path, target] of layer.symlinks) symlinks.set(path, target);
    for (const { path, file } of layer.executables) {
      executables.set(path, { path, file: `${index}:${file}` });
    }
    problems = [...problems, ...layer.problems.map((problem) => ({ ...problem, layer: index }))];
  }
  return { files, symlinks, executables, problems };
}

function groupByPath(records: readonly FileRecord[]): Map<string, FileRecord[]> {
  const groups = new Map<string, FileRecord[]>();
  for (const record of records) {
    const group = groups.get(record.path);
    if (group === undefined) groups.set(record.path, [record]);
    else group.push(record);
  }
  return groups;
}

/**
 * A package database is written anew by every layer that installs something: what it already said
 * in the layer below came with an earlier one.
 */
function sinceWhen(
  records: readonly FileRecord[],
  layer: number,
  before: LiveFile | undefined,
): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  for (const { components } of records) {
    for (const found of components ?? []) {
      const identity = componentIdentity(found);
      since.set(identity, before?.since.get(identity) ?? layer);
    }
  }
  return since;
}

/** Tells components of one file apart. */
export function componentIdentity({
  component,
  inside = '',
  declared,
}: NonNullable<FileRecord['components']>[number]): string {
  const { type, namespace = '', name, version, qualifiers = {} } = component;
  const rest = Object.entries(qualifiers).flat();
  return [
    type,
    namespace,
    name,
    version,
    inside,
    declared === true ? 'declared' : '',
    ...rest,
  ].join('\0');
}
