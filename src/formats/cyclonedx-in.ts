import { type Component } from '../model/component.ts';
import { Failure, tooLarge } from '../model/errors.ts';
import type { LicenceEntry, Minor, Occurrence } from './cyclonedx-parts.ts';
import { cycloneDxShape, type RawComponent, type RawCycloneDx } from './cyclonedx-shape.ts';
import { checkShape, object, oneOf } from './json-shape.ts';
import { parseStatedPurl } from './purl.ts';
import { OWN_PREFIX } from './sbom-stamp.ts';
import {
  STATED_COMPONENTS_MAX,
  STATED_RELATIONSHIPS_MAX,
  type StatedComponent,
  type StatedLocation,
  type StatedProperty,
  type StatedRelationship,
  type StatedSbom,
} from './stated-sbom.ts';

const VERSIONS = { '1.4': 4, '1.5': 5, '1.6': 6, '1.7': 7 } as const satisfies Record<
  string,
  Minor
>;
const versionShape = object(
  {
    bomFormat: oneOf(['CycloneDX'], '"CycloneDX"'),
    specVersion: oneOf(['1.4', '1.5', '1.6', '1.7'], 'a version read here (1.4, 1.5, 1.6 or 1.7)'),
  },
  {},
);

/** A CycloneDX JSON document, 1.4 to 1.7; a Failure names the file, the place and the reason. */
export function readCycloneDx(value: unknown, file: string): StatedSbom {
  const { specVersion } = checkShape(value, versionShape, file);
  const raw = checkShape(value, cycloneDxShape(VERSIONS[specVersion]), file);
  const reading = new Reading(file);
  for (const component of raw.components ?? []) reading.add(component);
  for (const { ref, dependsOn = [], provides = [] } of raw.dependencies ?? []) {
    for (const to of dependsOn) reading.relate({ from: ref, kind: 'dependsOn', to });
    for (const to of provides) reading.relate({ from: ref, kind: 'provides', to });
  }
  const subject = raw.metadata?.component;
  for (const nested of subject?.components ?? []) reading.add(nested, subject?.['bom-ref']);
  return {
    format: 'CycloneDX',
    formatVersion: specVersion,
    ...identifierOf(raw),
    ...(raw.metadata?.timestamp === undefined ? {} : { created: raw.metadata.timestamp }),
    authors: authorsOf(raw),
    tools: toolsOf(raw),
    ...(subject === undefined ? {} : { subject: reading.component(subject) }),
    components: reading.components,
    relationships: reading.relationships,
    properties: [...propertiesOf(raw.metadata?.properties), ...propertiesOf(raw.properties)],
    problems: reading.problems(),
  };
}

/** The flat list being made, with what could not be understood counted rather than listed. */
class Reading {
  readonly components: StatedComponent[] = [];
  readonly relationships: StatedRelationship[] = [];
  readonly #file: string;
  #unreadablePurls = 0;
  #firstUnreadable = '';

  constructor(file: string) {
    this.#file = file;
  }

  add(raw: RawComponent, parent?: string): void {
    if (this.components.length >= STATED_COMPONENTS_MAX) {
      throw tooLarge(`${this.#file}: more than ${STATED_COMPONENTS_MAX} components are not read.`);
    }
    this.components.push(this.component(raw));
    const own = raw['bom-ref'];
    if (parent !== undefined && own !== undefined) {
      this.relate({ from: parent, kind: 'contains', to: own });
    }
    for (const nested of raw.components ?? []) this.add(nested, own ?? parent);
  }

  relate(relationship: StatedRelationship): void {
    if (this.relationships.length >= STATED_RELATIONSHIPS_MAX) {
      const max = STATED_RELATIONSHIPS_MAX;
      throw tooLarge(`${this.#file}: more than ${max} relationships are not read.`);
    }
    this.relationships.push(relationship);
  }

  component(raw: RawComponent): StatedComponent {
    const properties = propertiesOf(raw.properties);
    const licences = (raw.licenses ?? []).map(licenceText);
    const source = sourceOf(properties);
    const component = this.#parts(raw, licences, source);
    return {
      ...optional('reference', raw['bom-ref']),
      kind: raw.type,
      ...optional('group', raw.group),
      name: raw.name,
      version: raw.version ?? '',
      ...optional('description', raw.description),
      ...optional('purl', raw.purl),
      ...(component === undefined ? {} : { component }),
      licences,
      hashes: (raw.hashes ?? []).map((hash) => ({ algorithm: hash.alg, value: hash.content })),
      ...optional('cpe', raw.cpe),
      ...optional('supplier', raw.supplier?.name),
      ...optional('scope', raw.scope),
      locations: (raw.evidence?.occurrences ?? []).map(locationOf),
      ...(source === undefined ? {} : { source }),
      ...optional('ownedBy', ownProperty(properties, 'ownedBy')),
      declared: ownProperty(properties, 'declared') === 'true',
      properties,
    };
  }

  problems(): readonly string[] {
    if (this.#unreadablePurls === 0) return [];
    return [
      `${this.#unreadablePurls} package URLs cannot be read. The first: ${this.#firstUnreadable}`,
    ];
  }

  #parts(
    raw: RawComponent,
    licences: readonly string[],
    source: Component['source'],
  ): Component | undefined {
    if (raw.purl === undefined) return undefined;
    try {
      const parts = parseStatedPurl(raw.purl);
      return {
        ...parts,
        ...sameButForCase('namespace', raw.group, parts.namespace),
        ...sameButForCase('name', raw.name, parts.name),
        version: parts.version === '' ? (raw.version ?? '') : statedVersion(raw.version, parts),
        ...(licences.length === 0 ? {} : { licences }),
        ...(source === undefined ? {} : { source }),
      };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (this.#unreadablePurls === 0) this.#firstUnreadable = error.message;
      this.#unreadablePurls += 1;
      return undefined;
    }
  }
}

/**
 * A purl folds case and `_` where its type does; the name beside it still has them. A name that
 * says something else altogether does not outrank the purl.
 */
function sameButForCase<K extends 'name' | 'namespace'>(
  key: K,
  stated: string | undefined,
  fromPurl: string | undefined,
): { readonly [P in K]?: string } {
  if (stated === undefined || fromPurl === undefined || fold(stated) !== fold(fromPurl)) return {};
  return { [key]: stated } as { readonly [P in K]?: string };
}

const fold = (text: string): string => text.toLowerCase().replaceAll('_', '-');

function statedVersion(stated: string | undefined, parts: Component): string {
  return stated !== undefined && fold(stated) === fold(parts.version) ? stated : parts.version;
}

function identifierOf(raw: RawCycloneDx): { readonly identifier?: string } {
  if (raw.serialNumber === undefined) return {};
  return { identifier: `${raw.serialNumber}/${raw.version ?? 1}` };
}

function authorsOf(raw: RawCycloneDx): readonly string[] {
  const { authors = [], supplier, manufacture, manufacturer } = raw.metadata ?? {};
  return [...authors, supplier, manufacturer, manufacture].flatMap((each) =>
    each?.name === undefined || each.name === '' ? [] : [each.name],
  );
}

function toolsOf(raw: RawCycloneDx): readonly string[] {
  const tools = raw.metadata?.tools ?? [];
  const list = 'length' in tools ? tools : (tools.components ?? []);
  return list.flatMap((each) => {
    const words = [each.name, each.version].filter((word) => word !== undefined && word !== '');
    return words.length === 0 ? [] : [words.join(' ')];
  });
}

function licenceText(entry: LicenceEntry): string {
  return entry.expression ?? entry.license?.id ?? entry.license?.name ?? '';
}

const OWN_CONTEXT = /^layer=(\d{1,9}) cataloguer=(.{1,200})$/;

function locationOf(occurrence: Occurrence): StatedLocation {
  const own = OWN_CONTEXT.exec(occurrence.additionalContext ?? '');
  if (own === null) return { path: occurrence.location };
  return { path: occurrence.location, layer: Number(own[1]), cataloguer: own[2] ?? '' };
}

function propertiesOf(
  properties: readonly { readonly name?: string; readonly value?: string }[] | undefined,
): readonly StatedProperty[] {
  return (properties ?? []).map(({ name = '', value = '' }) => ({ name, value }));
}

function ownProperty(properties: readonly StatedProperty[], name: string): string | undefined {
  return properties.find((each) => each.name === `${OWN_PREFIX}${name}`)?.value;
}

function sourceOf(properties: readonly StatedProperty[]): Component['source'] {
  const name = ownProperty(properties, 'source:name');
  return name === undefined
    ? undefined
    : { name, version: ownProperty(properties, 'source:version') ?? '' };
}

function optional<K extends string>(
  key: K,
  value: string | undefined,
): { readonly [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string };
}
