import type {
  Catalogue,
  CataloguedComponent,
  CataloguedLayer,
  ImageFacts,
  Location,
  ScannedImage,
} from '../model/catalogue.ts';
import type { OperatingSystem } from '../model/component.ts';
import { imageIdentity } from './image-identity.ts';
import { isLicenceExpression, isSpdxLicenceId } from './licence-expression.ts';
import { OWN_PREFIX, type SbomStamp, TOOL_NAME } from './sbom-stamp.ts';

export type CycloneDxVersion = '1.6' | '1.7';

type Property = { readonly name: string; readonly value: string };

type LicenceChoice =
  | { readonly license: { readonly id: string } | { readonly name: string } }
  | { readonly expression: string };

type Occurrence = { readonly location: string; readonly additionalContext: string };

export type CycloneDxComponent = {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly scope?: 'excluded';
  readonly hashes?: readonly { readonly alg: 'SHA-256'; readonly content: string }[];
  readonly licenses?: readonly LicenceChoice[];
  readonly purl?: string;
  readonly evidence?: { readonly occurrences: readonly Occurrence[] };
  readonly properties?: readonly Property[];
};

export type CycloneDxDocument = {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: CycloneDxVersion;
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp: string;
    readonly tools: { readonly components: readonly object[] };
    readonly component: CycloneDxComponent;
    readonly properties: readonly Property[];
  };
  readonly components: readonly CycloneDxComponent[];
  readonly compositions: readonly {
    readonly aggregate: 'incomplete' | 'unknown';
    readonly assemblies: readonly string[];
  }[];
};

/**
 * A catalogue as a CycloneDX document (https://cyclonedx.org/docs/1.6/json/). One flat list: what a
 * component is nested in is a path, not a component. No dependencies: an image does not say who
 * needs whom. Installed components and declared ones are told apart by scope and by property.
 */
export function writeCycloneDx(
  scanned: ScannedImage,
  stamp: SbomStamp,
  version: CycloneDxVersion = '1.6',
): CycloneDxDocument {
  const { catalogue, image } = scanned;
  const references = new References();
  const writing = { catalogue, references, version };
  const subject = imageComponent(image, references);
  const components = [
    ...(catalogue.os === undefined ? [] : [osComponent(catalogue.os, references)]),
    ...catalogue.components.map((each) => packageComponent(each, false, writing)),
    ...catalogue.declared.map((each) => packageComponent(each, true, writing)),
  ];
  return {
    $schema: `http://cyclonedx.org/schema/bom-${version}.schema.json`,
    bomFormat: 'CycloneDX',
    specVersion: version,
    serialNumber: `urn:uuid:${stamp.uuid}`,
    version: 1,
    metadata: {
      timestamp: stamp.created,
      tools: {
        components: [{ type: 'application', name: TOOL_NAME, version: stamp.toolVersion }],
      },
      component: subject,
      properties: catalogueProperties(catalogue),
    },
    components,
    compositions: [
      {
        aggregate: isPartial(catalogue) ? 'incomplete' : 'unknown',
        assemblies: [subject['bom-ref']],
      },
    ],
  };
}

/** The document as a file: indented, since people read and compare these. */
export function cycloneDxText(document: CycloneDxDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** "Complete" is never claimed: nobody can know that about an image. */
function isPartial(catalogue: Catalogue): boolean {
  return catalogue.problems.length > 0 || catalogue.executables.unexplained > 0;
}

/** bom-refs, each unique within its document as the specification demands. */
class References {
  readonly #taken = new Map<string, number>();

  take(wanted: string): string {
    const count = this.#taken.get(wanted) ?? 0;
    this.#taken.set(wanted, count + 1);
    return count === 0 ? wanted : this.take(`${wanted}#${count + 1}`);
  }
}

function own(name: string, value: string | undefined): readonly Property[] {
  return value === undefined ? [] : [{ name: `${OWN_PREFIX}${name}`, value }];
}

function ownEach(name: string, values: readonly string[]): readonly Property[] {
  return values.flatMap((value) => own(name, value));
}

function imageComponent(image: ImageFacts, references: References): CycloneDxComponent {
  const identity = imageIdentity(image);
  const digest = image.manifestDigest ?? '';
  return {
    type: 'container',
    'bom-ref': references.take(identity.purl ?? identity.version ?? 'image'),
    name: identity.name,
    ...(identity.version === undefined ? {} : { version: identity.version }),
    ...(digest.startsWith('sha256:')
      ? { hashes: [{ alg: 'SHA-256', content: digest.slice('sha256:'.length) }] }
      : {}),
    ...(identity.purl === undefined ? {} : { purl: identity.purl }),
    properties: [
      ...own('image:manifestDigest', image.manifestDigest),
      ...own('image:configDigest', image.configDigest),
      ...own('image:indexDigest', image.indexDigest),
      ...own('image:os', image.platform.os),
      ...own('image:architecture', image.platform.architecture),
      ...own('image:variant', image.platform.variant),
      ...own('image:created', image.created),
      ...own('image:author', image.author),
      ...own('image:user', image.user),
      ...ownEach('image:entrypoint', image.entrypoint),
      ...ownEach('image:command', image.command),
      ...ownEach('image:exposedPort', image.exposedPorts),
      ...Object.entries(image.labels).flatMap(([key, value]) => own(`image:label:${key}`, value)),
      ...ownEach('image:tag', image.tags),
      ...own('image:size', String(image.size)),
    ],
  };
}

function osComponent(os: OperatingSystem, references: References): CycloneDxComponent {
  return {
    type: 'operating-system',
    'bom-ref': references.take('operating-system'),
    name: os.id,
    ...(os.versionId === '' ? {} : { version: os.versionId }),
    description: os.name,
    properties: [...ownEach('os:idLike', os.idLike), ...own('os:codename', os.codename)],
  };
}

type Writing = {
  readonly catalogue: Catalogue;
  readonly references: References;
  readonly version: CycloneDxVersion;
};

function packageComponent(
  component: CataloguedComponent,
  isDeclared: boolean,
  { catalogue, references, version }: Writing,
): CycloneDxComponent {
  const first = component.locations[0];
  const licenses = licenceChoices(component.licences ?? [], version);
  return {
    type: component.type === 'generic' ? 'application' : 'library',
    'bom-ref': references.take(component.purl),
    ...(component.namespace === undefined ? {} : { group: component.namespace }),
    name: component.name,
    ...versionOf(component.version),
    // "Excluded" is CycloneDX's word for what is named and not part of what runs.
    ...(isDeclared ? { scope: 'excluded' } : {}),
    ...(licenses.length === 0 ? {} : { licenses }),
    purl: component.purl,
    evidence: { occurrences: component.locations.map(occurrence) },
    properties: [
      ...own('declared', isDeclared ? 'true' : undefined),
      ...own('path', first?.path),
      ...own('cataloguer', first?.cataloguer),
      ...own(
        'layer:diffId',
        first === undefined ? undefined : catalogue.layers[first.layer]?.diffId,
      ),
      ...own('source:name', component.source?.name),
      ...own('source:version', component.source?.version),
      ...own('ownedBy', component.ownedBy),
    ],
  };
}

/** The schema ends a version at 1,024 characters; a longer one is still in the purl. */
const VERSION_LENGTH_MAX = 1024;

function versionOf(version: string): { readonly version?: string } {
  return version === '' || version.length > VERSION_LENGTH_MAX ? {} : { version };
}

/** 1.5 and older have no additionalContext; it is the one field that can hold the layer. */
function occurrence(location: Location): Occurrence {
  return {
    location: location.path,
    additionalContext: `layer=${location.layer} cataloguer=${location.cataloguer}`,
  };
}

/**
 * Up to 1.6 a list holds licences or exactly one expression; 1.7 lets them mix. An expression among
 * others is then a licence's name, which loses its meaning to a machine and no letter of it.
 */
function licenceChoices(
  licences: readonly string[],
  version: CycloneDxVersion,
): readonly LicenceChoice[] {
  const expressionsAllowed = version === '1.7' || licences.length === 1;
  return licences.map((licence) => {
    if (isSpdxLicenceId(licence)) return { license: { id: licence } };
    return expressionsAllowed && isLicenceExpression(licence)
      ? { expression: licence }
      : { license: { name: licence } };
  });
}

function catalogueProperties(catalogue: Catalogue): readonly Property[] {
  const { executables } = catalogue;
  return [
    ...ownEach('layer', catalogue.layers.map(layerText)),
    ...ownEach('cataloguers', catalogue.cataloguers),
    ...own('executables:total', String(executables.total)),
    ...own('executables:unexplained', String(executables.unexplained)),
    ...ownEach('executables:unexplainedPath', executables.unexplainedPaths),
    ...own('partial', String(catalogue.problems.length > 0)),
    ...ownEach(
      'problem',
      catalogue.problems.map((problem) => JSON.stringify(problem)),
    ),
  ];
}

/** One layer a property, lowest first, so that an occurrence's number counts them. */
function layerText(layer: CataloguedLayer): string {
  const { diffId, digest, mediaType, size, createdBy } = layer;
  return JSON.stringify({ diffId, digest, mediaType, size, createdBy });
}
