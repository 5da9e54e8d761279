import type {
  Catalogue,
  CataloguedComponent,
  CataloguedLayer,
  CatalogueProblem,
  ImageFacts,
  ScannedImage,
} from '../model/catalogue.ts';
import { Failure } from '../model/errors.ts';
import { parseBoundedJson } from './bounded-json.ts';
import { list, object, type Shape, text, whole } from './json-shape.ts';
import { buildPurl } from './purl.ts';
import { OWN_PREFIX } from './sbom-stamp.ts';
import type { StatedComponent, StatedProperty, StatedSbom } from './stated-sbom.ts';

/** What a location's cataloguer is called when the only proof is somebody's word. */
export const STATED = 'sbom';

/**
 * An SBOM in the shape of a catalogue, to be shown, compared or written in another format. It is
 * still only what its author says: it must never be stored as something Wharfinger read. A
 * component without a readable purl cannot be in a catalogue and becomes a problem by name.
 * From a CycloneDX document that Wharfinger wrote, everything that went in comes back.
 */
export function scanOfStated(sbom: StatedSbom, file: string): ScannedImage {
  const own = ownValues(sbom.properties);
  const installed = new Map<string, CataloguedComponent>();
  const declared = new Map<string, CataloguedComponent>();
  const nameless: CatalogueProblem[] = [];
  for (const each of sbom.components) {
    if (isNoPackage(each)) continue;
    const component = cataloguedOf(each, file);
    if (component === undefined) {
      nameless.push({ path: file, message: `${each.name} has no package URL that can be read.` });
    } else {
      const into = each.declared ? declared : installed;
      if (!into.has(component.purl)) into.set(component.purl, component);
    }
  }
  const os = osOf(sbom.components);
  const catalogue: Catalogue = {
    ...(os === undefined ? {} : { os }),
    layers: own('layer').flatMap((each) => jsonOf(each, layerShape)),
    components: byPurl(installed),
    declared: byPurl(declared),
    executables: {
      total: numberOf(own('executables:total')[0]),
      unexplained: numberOf(own('executables:unexplained')[0]),
      unexplainedPaths: own('executables:unexplainedPath'),
    },
    problems: [...own('problem').flatMap((each) => jsonOf(each, problemShape)), ...nameless],
    cataloguers: own('cataloguers'),
  };
  return { image: imageOf(sbom.subject), catalogue };
}

/** The system itself, a source a package was built from, and what is no package at all. */
const NO_PACKAGES: ReadonlySet<string> = new Set([
  'operating-system',
  'source',
  'file',
  'container',
]);

function isNoPackage(stated: StatedComponent): boolean {
  return NO_PACKAGES.has(stated.kind) && stated.component === undefined;
}

function cataloguedOf(stated: StatedComponent, file: string): CataloguedComponent | undefined {
  const { component, locations, ownedBy } = stated;
  if (component === undefined) return undefined;
  let purl: string;
  try {
    purl = buildPurl(component);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
  const seen = locations.map(({ path, layer = 0, cataloguer = STATED }) => ({
    path,
    layer,
    cataloguer,
  }));
  return {
    ...component,
    purl,
    locations: seen.length > 0 ? seen : [{ path: file, layer: 0, cataloguer: STATED }],
    ...(ownedBy === undefined ? {} : { ownedBy }),
  };
}

function byPurl(components: ReadonlyMap<string, CataloguedComponent>): CataloguedComponent[] {
  return [...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

function osOf(components: readonly StatedComponent[]): Catalogue['os'] {
  const stated = components.find((each) => each.kind === 'operating-system');
  if (stated === undefined) return undefined;
  const own = ownValues(stated.properties);
  const codename = own('os:codename')[0];
  return {
    id: stated.name,
    versionId: stated.version,
    name: stated.description ?? stated.name,
    idLike: own('os:idLike'),
    ...(codename === undefined ? {} : { codename }),
  };
}

function imageOf(subject: StatedComponent | undefined): ImageFacts {
  const own = ownValues(subject?.properties ?? []);
  const one = <K extends string>(key: K, name: string = key): { readonly [P in K]?: string } => {
    const value = own(`image:${name}`)[0];
    return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string };
  };
  const tags = own('image:tag');
  const isOurs = own('image:os').length > 0;
  return {
    ...one('manifestDigest'),
    ...one('configDigest'),
    ...one('indexDigest'),
    platform: {
      os: own('image:os')[0] ?? 'unknown',
      architecture: own('image:architecture')[0] ?? 'unknown',
      ...one('variant'),
    },
    ...one('created'),
    ...one('author'),
    ...one('user'),
    entrypoint: own('image:entrypoint'),
    command: own('image:command'),
    exposedPorts: own('image:exposedPort'),
    labels: labelsOf(subject?.properties ?? []),
    tags: isOurs || subject === undefined ? tags : [subject.name],
    size: numberOf(own('image:size')[0]),
  };
}

function labelsOf(properties: readonly StatedProperty[]): Readonly<Record<string, string>> {
  const prefix = `${OWN_PREFIX}image:label:`;
  const labels = properties.filter((each) => each.name.startsWith(prefix));
  return Object.fromEntries(labels.map((each) => [each.name.slice(prefix.length), each.value]));
}

/** The values of a property of ours, in order; none where the author is somebody else. */
function ownValues(properties: readonly StatedProperty[]): (name: string) => readonly string[] {
  const values = new Map<string, string[]>();
  for (const { name, value } of properties) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return (name) => values.get(`${OWN_PREFIX}${name}`) ?? [];
}

const layerShape: Shape<CataloguedLayer> = object(
  { size: whole() },
  { diffId: text(), digest: text(), mediaType: text(), createdBy: text() },
) as Shape<CataloguedLayer>;
const problemShape: Shape<CatalogueProblem> = object(
  { path: text(), message: text() },
  { layer: whole() },
) as Shape<CatalogueProblem>;

/** A layer or a problem is a line of text; more in a property is somebody's bomb. */
const PROPERTY_LIMITS = { bytesMax: 4 * 1024 * 1024, depthMax: 8, valuesMax: 1000 };

/** Nobody has to write our properties well: what does not fit is left out. */
function jsonOf<T>(value: string, shape: Shape<T>): readonly T[] {
  try {
    const parsed = parseBoundedJson(Buffer.from(value), PROPERTY_LIMITS);
    return list(shape)([parsed], { file: 'property', keys: [] });
  } catch {
    return [];
  }
}

function numberOf(value: string | undefined): number {
  return /^\d{1,15}$/.test(value ?? '') ? Number(value) : 0;
}
