import { buildPurl } from '../formats/purl.ts';
import {
  type Catalogue,
  type CataloguedComponent,
  type CatalogueProblem,
  EXECUTABLES_NAMED_MAX,
  type Location,
} from '../model/catalogue.ts';
import type { Component, OperatingSystem } from '../model/component.ts';
import { publicMessage } from '../model/errors.ts';
import type { FoundComponent } from './cataloguer.ts';
import { isSystemPackage, withDistribution } from './distribution.ts';
import { findOwners, type Owners } from './explain.ts';
import type { LayerRecord } from './layer-record.ts';
import { componentIdentity, type LiveFile, type LiveFiles, layLayers } from './live-files.ts';

const PROBLEMS_MAX = 1000;

/** What the fold makes; the rest of a Catalogue the caller knows. */
export type Folded = Omit<Catalogue, 'layers' | 'cataloguers'>;

/** Makes a catalogue of layers, the lowest first: pure, and the same for the same records. */
export function foldLayers(layers: readonly LayerRecord[]): Folded {
  const live = layLayers(layers);
  const os = findOperatingSystem(live.files);
  const proving = [...live.files.values()].filter((file) => file.since.size > 0);
  const asked = new Set([...live.executables.keys(), ...proving.map(({ path }) => path)]);
  const owners = findOwners(live, layers, asked);
  const gathered = new Gathering(os, live, owners);
  for (const file of proving) gathered.addFile(file);
  const { installed, declared } = gathered.finish();
  return {
    ...(os !== undefined && { os }),
    components: installed,
    declared,
    executables: countExecutables(live, owners, gathered),
    problems: [...live.problems, ...gathered.problems].slice(0, PROBLEMS_MAX),
  };
}

const OS_RELEASE_PATHS = ['etc/os-release', 'usr/lib/os-release'];

/** os-release(5): /etc comes before /usr/lib; others only where neither says anything. */
function findOperatingSystem(files: LiveFiles['files']): OperatingSystem | undefined {
  const find = (file: LiveFile | undefined) => file?.records.find(({ os }) => os !== undefined)?.os;
  for (const path of OS_RELEASE_PATHS) {
    const os = find(files.get(path));
    if (os !== undefined) return os;
  }
  for (const file of files.values()) {
    const os = find(file);
    if (os !== undefined) return os;
  }
  return undefined;
}

type Draft = {
  readonly component: Component;
  readonly purl: string;
  readonly keys: Set<string>;
  readonly locations: Map<string, Location & { readonly ownerKeys: readonly string[] }>;
  ownerKeys: readonly string[];
};

/** Joins what the files say into components, each purl once. */
class Gathering {
  readonly problems: CatalogueProblem[] = [];
  readonly #os: OperatingSystem | undefined;
  readonly #owners: Owners;
  readonly #licences = new Map<string, Set<string>>();
  readonly #installed = new Map<string, Draft>();
  readonly #declared = new Map<string, Draft>();
  /** Joining key → purl, of installed components. */
  readonly #purlOfKey = new Map<string, string>();

  constructor(os: OperatingSystem | undefined, live: LiveFiles, owners: Owners) {
    this.#os = os;
    this.#owners = owners;
    for (const { records } of live.files.values()) {
      for (const { of, licences } of records.flatMap((record) => record.licences ?? [])) {
        const known = this.#licences.get(of) ?? new Set();
        for (const licence of licences) known.add(licence);
        this.#licences.set(of, known);
      }
    }
  }

  knowsKey(key: string): boolean {
    return this.#purlOfKey.has(key);
  }

  addFile(file: LiveFile): void {
    for (const { components, cataloguer } of file.records) {
      for (const found of components ?? []) this.#add(file, found, cataloguer);
    }
  }

  #add(file: LiveFile, found: FoundComponent, cataloguer: string): void {
    const component = withDistribution(found.component, this.#os);
    let purl: string;
    try {
      purl = buildPurl(component);
    } catch (error) {
      this.problems.push({ path: file.path, layer: file.layer, message: publicMessage(error) });
      return;
    }
    const drafts = found.declared === true ? this.#declared : this.#installed;
    let draft = drafts.get(purl);
    if (draft === undefined) {
      draft = { component, purl, keys: new Set(), locations: new Map(), ownerKeys: [] };
      drafts.set(purl, draft);
    }
    const path = found.inside === undefined ? file.path : `${file.path}!/${found.inside}`;
    const layer = file.since.get(componentIdentity(found)) ?? file.layer;
    const ownerKeys = this.#owners.get(file.path) ?? [];
    draft.locations.set(`${path}\0${cataloguer}`, { path, layer, cataloguer, ownerKeys });
    if (draft.ownerKeys.length === 0) draft.ownerKeys = ownerKeys;
    if (found.key === undefined) return;
    draft.keys.add(found.key);
    if (found.declared !== true) this.#purlOfKey.set(found.key, purl);
  }

  finish(): { installed: CataloguedComponent[]; declared: CataloguedComponent[] } {
    const declaredOnly = [...this.#declared.values()].filter(
      ({ purl }) => !this.#installed.has(purl),
    );
    return {
      installed: [...this.#installed.values()]
        .filter((draft) => !this.#isPackaged(draft))
        .map((draft) => this.#done(draft))
        .sort(byPurl),
      declared: declaredOnly.map((draft) => this.#done(draft)).sort(byPurl),
    };
  }

  /**
   * A program recognised by its bytes that a system package put there is that package, which is
   * listed already: only what lies outside any package manager is one of its own.
   */
  #isPackaged({ component, locations }: Draft): boolean {
    if (component.type !== 'generic') return false;
    return [...locations.values()].every(
      ({ ownerKeys }) => this.#systemOwner(ownerKeys) !== undefined,
    );
  }

  #done({ component, purl, keys, locations, ownerKeys }: Draft): CataloguedComponent {
    const stated = new Set(component.licences ?? []);
    for (const key of keys)
      for (const licence of this.#licences.get(key) ?? []) stated.add(licence);
    const ownedBy = isSystemPackage(component) ? undefined : this.#systemOwner(ownerKeys);
    return {
      ...component,
      ...(stated.size > 0 && { licences: [...stated] }),
      purl,
      locations: [...locations.values()]
        .map(({ path, layer, cataloguer }) => ({ path, layer, cataloguer }))
        .sort((a, b) => compare(a.path, b.path)),
      ...(ownedBy !== undefined && { ownedBy }),
    };
  }

  #systemOwner(keys: readonly string[]): string | undefined {
    for (const key of keys) {
      const draft = this.#installed.get(this.#purlOfKey.get(key) ?? '');
      if (draft !== undefined && isSystemPackage(draft.component)) return draft.purl;
    }
    return undefined;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byPurl = (a: CataloguedComponent, b: CataloguedComponent): number => compare(a.purl, b.purl);

/**
 * An executable is explained when a component owns it, when it proves a component itself, or when
 * it is a hard link of one that is.
 */
function countExecutables(
  live: LiveFiles,
  owners: Owners,
  gathered: Gathering,
): Catalogue['executables'] {
  const explained = new Set<string>();
  for (const { path, file } of live.executables.values()) {
    const proves = live.files
      .get(path)
      ?.records.some(
        ({ components }) => components?.some(({ declared }) => declared !== true) === true,
      );
    const isOwned = owners.get(path)?.some((key) => gathered.knowsKey(key)) === true;
    if (proves === true || isOwned) explained.add(file);
  }
  const unexplained = [...live.executables.values()]
    .filter(({ file }) => !explained.has(file))
    .map(({ path }) => path)
    .sort(compare);
  return {
    total: live.executables.size,
    unexplained: unexplained.length,
    unexplainedPaths: unexplained.slice(0, EXECUTABLES_NAMED_MAX),
  };
}
