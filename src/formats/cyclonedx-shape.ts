import {
  annotationShape,
  citationShape,
  compositionShape,
  dependencyShape,
  metadataShape,
  serviceShape,
  unread,
  unreadList,
  vulnerabilityShape,
} from './cyclonedx-around.ts';
import {
  anyText,
  componentEvidence,
  contact,
  externalReferences,
  hashList,
  type LicenceEntry,
  licenceList,
  type Minor,
  type Occurrence,
  organisation,
  pedigree,
  propertyList,
  reference,
  releaseNotes,
  swid,
} from './cyclonedx-parts.ts';
import {
  also,
  bool,
  closedObject,
  lazy,
  list,
  oneOf,
  quote,
  refuse,
  type Shape,
  type Trail,
  text,
  whole,
} from './json-shape.ts';

type Named = { readonly name?: string };
type Property = { readonly name?: string; readonly value?: string };

export type RawComponent = {
  readonly type: string;
  readonly 'bom-ref'?: string;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly versionRange?: string;
  readonly isExternal?: boolean;
  readonly description?: string;
  readonly scope?: 'required' | 'optional' | 'excluded';
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly LicenceEntry[];
  readonly cpe?: string;
  readonly purl?: string;
  readonly supplier?: Named;
  readonly components?: readonly RawComponent[];
  readonly evidence?: { readonly occurrences?: readonly Occurrence[] };
  readonly properties?: readonly Property[];
};

type RawTool = { readonly vendor?: string; readonly name?: string; readonly version?: string };

export type RawCycloneDx = {
  readonly specVersion: string;
  readonly serialNumber?: string;
  readonly version?: number;
  readonly metadata?: {
    readonly timestamp?: string;
    readonly tools?: readonly RawTool[] | { readonly components?: readonly RawComponent[] };
    readonly authors?: readonly Named[];
    readonly component?: RawComponent;
    readonly supplier?: Named;
    readonly manufacture?: Named;
    readonly manufacturer?: Named;
    readonly properties?: readonly Property[];
  };
  readonly components?: readonly RawComponent[];
  readonly dependencies?: readonly {
    readonly ref: string;
    readonly dependsOn?: readonly string[];
    readonly provides?: readonly string[];
  }[];
  readonly properties?: readonly Property[];
};

const SHAPES = new Map<Minor, Shape<RawCycloneDx>>();

/**
 * The rules of one minor version, hand-written from the specification. What Wharfinger takes from a
 * document is checked in full; model cards, cryptography, formulation, declarations, citations and
 * signatures are let through as they are, since nothing here reads them.
 */
export function cycloneDxShape(minor: Minor): Shape<RawCycloneDx> {
  const known = SHAPES.get(minor);
  if (known !== undefined) return known;
  const made = documentShape(minor);
  SHAPES.set(minor, made);
  return made;
}

function documentShape(minor: Minor): Shape<RawCycloneDx> {
  const component = componentShape(minor);
  const service = serviceShape(minor);
  const document = closedObject(
    { bomFormat: oneOf(['CycloneDX'], '"CycloneDX"'), specVersion: anyText },
    {
      $schema: anyText,
      serialNumber: text({
        pattern: /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
        meaning: 'a serial number: urn:uuid: and a UUID in lower case',
      }),
      version: whole(minor >= 5 ? 1 : 0),
      metadata: metadataShape(minor, component, service),
      components: also(list(component), assertUniqueReferences),
      services: list(service),
      externalReferences: externalReferences(minor),
      dependencies: list(dependencyShape(minor)),
      compositions: list(compositionShape(minor)),
      vulnerabilities: list(vulnerabilityShape(minor)),
      signature: unread,
      ...(minor >= 5
        ? {
            annotations: list(annotationShape),
            formulation: unreadList,
            properties: propertyList(minor),
          }
        : {}),
      ...(minor >= 6 ? { declarations: unread, definitions: unread } : {}),
      ...(minor >= 7 ? { citations: list(citationShape) } : {}),
    },
  ) as Shape<RawCycloneDx>;
  if (minor > 4) return document;
  return also(document, (value, trail) => {
    if (value.version === undefined) refuse(trail, '"version" is missing');
  });
}

function componentType(minor: Minor): Shape<string> {
  const words = 'application framework library container operating-system device firmware file';
  const since5 = 'platform device-driver machine-learning-model data';
  const all = [
    words,
    ...(minor >= 5 ? [since5] : []),
    ...(minor >= 6 ? ['cryptographic-asset'] : []),
  ];
  return oneOf(all.join(' ').split(' '), 'a component type of this version');
}

function componentShape(minor: Minor): Shape<RawComponent> {
  const nested = lazy(() => shape);
  const shape: Shape<RawComponent> = also(
    closedObject(
      { type: componentType(minor), name: anyText },
      {
        'mime-type': text({ pattern: /^[-+a-z0-9.]+\/[-+a-z0-9.]+$/, meaning: 'a media type' }),
        'bom-ref': reference(minor),
        supplier: organisation,
        author: anyText,
        publisher: anyText,
        group: anyText,
        version: minor >= 6 ? text({ lengthMax: 1024 }) : anyText,
        description: anyText,
        scope: oneOf(['required', 'optional', 'excluded'], 'required, optional or excluded'),
        hashes: hashList(minor),
        licenses: licenceList(minor),
        copyright: anyText,
        cpe: anyText,
        purl: anyText,
        swid,
        modified: bool,
        pedigree: pedigree(nested),
        externalReferences: externalReferences(minor),
        components: list(nested),
        evidence: componentEvidence(minor),
        releaseNotes: releaseNotes(minor),
        properties: propertyList(minor),
        signature: unread,
        ...(minor >= 5 ? { modelCard: unread, data: unreadList } : {}),
        ...(minor >= 6
          ? {
              manufacturer: organisation,
              authors: list(contact),
              omniborId: list(anyText),
              swhid: list(anyText),
              cryptoProperties: unread,
              tags: list(anyText),
            }
          : {}),
        ...(minor >= 7
          ? { versionRange: anyText, isExternal: bool, patentAssertions: unreadList }
          : {}),
      },
    ) as Shape<RawComponent>,
    assertVersionOrRange,
  );
  return shape;
}

/** Since 1.7 a component from outside may have a range of versions in the place of one. */
function assertVersionOrRange(component: RawComponent, trail: Trail): void {
  if (component.versionRange === undefined) return;
  if (component.version !== undefined) {
    refuse(trail, 'a component has either a "version" or a "versionRange"');
  }
  if (component.isExternal !== true) {
    refuse(trail, 'only a component with "isExternal" true has a "versionRange"');
  }
}

/** Every bom-ref is unique within its document; nested components count. */
function assertUniqueReferences(components: readonly RawComponent[], trail: Trail): void {
  const seen = new Set<string>();
  const visit = (list: readonly RawComponent[]): void => {
    list.forEach((component, index) => {
      trail.keys.push(index);
      const own = component['bom-ref'];
      // An empty one, which 1.4 allows, refers to nothing.
      if (own !== undefined && own !== '' && seen.has(own)) {
        trail.keys.push('bom-ref');
        refuse(trail, `the reference ${quote(own)} is taken by another component`);
      }
      if (own !== undefined) seen.add(own);
      if (component.components !== undefined) {
        trail.keys.push('components');
        visit(component.components);
        trail.keys.pop();
      }
      trail.keys.pop();
    });
  };
  visit(components);
}
