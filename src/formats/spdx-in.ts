import type { Component } from '../model/component.ts';
import { Failure, tooLarge } from '../model/errors.ts';
import { parseBoundedJson } from './bounded-json.ts';
import {
  checkShape,
  list,
  object,
  oneOf,
  quote,
  refuse,
  type Trail,
  text,
  whole,
} from './json-shape.ts';
import { parseStatedPurl } from './purl.ts';
import { TOOL_NAME } from './sbom-stamp.ts';
import { namePartsOf } from './spdx-name.ts';
import { type RawAnnotation, type RawPackage, type RawSpdx, SPDX_SHAPES } from './spdx-shape.ts';
import {
  STATED_COMPONENTS_MAX,
  STATED_RELATIONSHIPS_MAX,
  type StatedComponent,
  type StatedSbom,
} from './stated-sbom.ts';

const versionShape = object(
  { spdxVersion: oneOf(['SPDX-2.2', 'SPDX-2.3'], 'a version read here (SPDX-2.2 or SPDX-2.3)') },
  {},
);

/** An SPDX JSON document, 2.2 or 2.3; a Failure names the file, the place and the reason. */
export function readSpdx(value: unknown, file: string): StatedSbom {
  const { spdxVersion } = checkShape(value, versionShape, file);
  const raw = checkShape(value, SPDX_SHAPES[spdxVersion], file);
  const packages = raw.packages ?? [];
  assertBounds(raw, file);
  assertUniqueIds(packages, file);
  const subjectId = subjectOf(raw);
  const reading: Reading = { licences: licenceNames(raw), unreadable: [] };
  const components: StatedComponent[] = [];
  let subject: StatedComponent | undefined;
  for (const each of packages) {
    const component = componentOf(each, reading);
    if (each.SPDXID === subjectId) subject = component;
    else components.push(component);
  }
  const { creators } = raw.creationInfo;
  return {
    format: 'SPDX',
    formatVersion: spdxVersion.slice('SPDX-'.length),
    ...(raw.documentNamespace === undefined ? {} : { identifier: raw.documentNamespace }),
    name: raw.name,
    created: raw.creationInfo.created,
    authors: creators.filter((each) => !each.startsWith('Tool:')).map(withoutKind),
    tools: creators.filter((each) => each.startsWith('Tool:')).map(withoutKind),
    ...(subject === undefined ? {} : { subject }),
    components,
    relationships: (raw.relationships ?? []).map((each) => ({
      from: each.spdxElementId,
      kind: each.relationshipType,
      to: each.relatedSpdxElement,
    })),
    properties: [],
    problems: problemsOf(reading),
  };
}

function assertBounds(raw: RawSpdx, file: string): void {
  if ((raw.packages ?? []).length > STATED_COMPONENTS_MAX) {
    throw tooLarge(`${file}: more than ${STATED_COMPONENTS_MAX} packages are not read.`);
  }
  if ((raw.relationships ?? []).length > STATED_RELATIONSHIPS_MAX) {
    throw tooLarge(`${file}: more than ${STATED_RELATIONSHIPS_MAX} relationships are not read.`);
  }
}

/** Section 7.2: an SPDXID is unique within its document. */
function assertUniqueIds(packages: readonly RawPackage[], file: string): void {
  const seen = new Set<string>();
  packages.forEach((each, index) => {
    if (seen.has(each.SPDXID)) {
      const trail: Trail = { file, keys: ['packages', index, 'SPDXID'] };
      refuse(trail, `the id ${quote(each.SPDXID)} is taken by another package`);
    }
    seen.add(each.SPDXID);
  });
}

/** The one element a document describes; none when there are several, or nothing besides it. */
function subjectOf(raw: RawSpdx): string | undefined {
  const described = new Set(raw.documentDescribes ?? []);
  for (const each of raw.relationships ?? []) {
    const describes = each.relationshipType === 'DESCRIBES';
    if (describes && each.spdxElementId === 'SPDXRef-DOCUMENT')
      described.add(each.relatedSpdxElement);
    if (each.relationshipType === 'DESCRIBED_BY') described.add(each.spdxElementId);
    if (described.size > 1) return undefined;
  }
  const [only] = described;
  return (raw.packages ?? []).length > 1 ? only : undefined;
}

type Reading = {
  /** LicenseRef → the name it goes by. */
  readonly licences: ReadonlyMap<string, string>;
  /** Sentences about purls nobody can read. */
  readonly unreadable: string[];
};

function licenceNames(raw: RawSpdx): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { licenseId, name } of raw.hasExtractedLicensingInfos ?? []) {
    if (name !== undefined && name !== '' && name !== 'NOASSERTION') names.set(licenseId, name);
  }
  return names;
}

function componentOf(raw: RawPackage, reading: Reading): StatedComponent {
  const own = ownFacts(raw.annotations ?? []);
  const purl = raw.externalRefs?.find((each) => each.referenceType === 'purl')?.referenceLocator;
  const cpe = raw.externalRefs?.find((each) => each.referenceType.startsWith('cpe2'));
  const licences = own?.licences ?? statedLicences(raw, reading);
  const parts = purl === undefined ? undefined : purlParts(purl, raw, own, reading);
  const description = raw.summary ?? raw.description;
  const supplier = raw.supplier === 'NOASSERTION' ? undefined : raw.supplier;
  return {
    reference: raw.SPDXID,
    kind: (raw.primaryPackagePurpose ?? 'library').toLowerCase().replaceAll('_', '-'),
    name: raw.name,
    version: raw.versionInfo ?? '',
    ...(description === undefined ? {} : { description }),
    ...(purl === undefined ? {} : { purl }),
    ...(parts === undefined ? {} : { component: partsWith(parts, licences, own?.source) }),
    licences,
    hashes: (raw.checksums ?? []).map((each) => ({
      algorithm: each.algorithm,
      value: each.checksumValue,
    })),
    ...(cpe === undefined ? {} : { cpe: cpe.referenceLocator }),
    ...(supplier === undefined ? {} : { supplier: withoutKind(supplier) }),
    locations: own?.locations ?? [],
    ...(own?.source === undefined ? {} : { source: own.source }),
    ...(own?.ownedBy === undefined ? {} : { ownedBy: own.ownedBy }),
    declared: own?.declared ?? false,
    properties: [],
  };
}

function partsWith(
  parts: Component,
  licences: readonly string[],
  source: Component['source'],
): Component {
  return {
    ...parts,
    ...(licences.length === 0 ? {} : { licences }),
    ...(source === undefined ? {} : { source }),
  };
}

function purlParts(
  purl: string,
  raw: RawPackage,
  own: OwnFacts | undefined,
  reading: Reading,
): Component | undefined {
  try {
    const parts = parseStatedPurl(purl);
    const stated = raw.versionInfo ?? '';
    const isSame = stated.toLowerCase() === parts.version.toLowerCase();
    const version = parts.version === '' || isSame ? stated : parts.version;
    return { ...parts, ...statedNames(raw, own, parts), version };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    reading.unreadable.push(error.message);
    return undefined;
  }
}

/** The names beside a purl that folded them, unless they say something else altogether. */
function statedNames(
  raw: RawPackage,
  own: OwnFacts | undefined,
  parts: Component,
): Pick<Component, 'namespace' | 'name'> | undefined {
  const { name, namespace } = own ?? {};
  if (name !== undefined && fold(name) === fold(parts.name)) {
    return { name, ...(namespace === undefined ? {} : { namespace }) };
  }
  const named = namePartsOf(raw.name, parts);
  return named !== undefined && fold(named.name) === fold(parts.name) ? named : undefined;
}

const fold = (name: string): string => name.toLowerCase().replaceAll('_', '-');

function statedLicences(raw: RawPackage, reading: Reading): readonly string[] {
  const stated = [raw.licenseDeclared, raw.licenseConcluded].find(
    (each) => each !== undefined && each !== '' && each !== 'NOASSERTION' && each !== 'NONE',
  );
  if (stated === undefined) return [];
  return [reading.licences.get(stated) ?? stated];
}

const ownShape = object(
  {
    [TOOL_NAME]: object(
      {},
      {
        locations: list(object({ path: text(), layer: whole(), cataloguer: text() }, {})),
        ownedBy: text(),
        name: text(),
        namespace: text(),
        source: object({ name: text(), version: text() }, {}),
        licences: list(text()),
        declared: oneOfTrue,
      },
    ),
  },
  {},
);

function oneOfTrue(value: unknown, trail: Trail): boolean {
  return value === true ? true : refuse(trail, 'expected true');
}

/** JSON within a text of the document has not been counted yet. */
const ANNOTATION_LIMITS = { bytesMax: 16 * 1024 * 1024, depthMax: 8, valuesMax: 400_000 };

type OwnFacts = NonNullable<ReturnType<typeof ownShape>[typeof TOOL_NAME]>;

/** What Wharfinger itself noted in a document it wrote; anybody's odd annotation is no error. */
function ownFacts(annotations: readonly RawAnnotation[]): OwnFacts | undefined {
  const own = annotations.find(
    (each) => each.annotator === `Tool: ${TOOL_NAME}` && each.comment.startsWith('{'),
  );
  if (own === undefined) return undefined;
  try {
    const value = parseBoundedJson(Buffer.from(own.comment), ANNOTATION_LIMITS);
    return checkShape(value, ownShape, 'annotation')[TOOL_NAME];
  } catch {
    return undefined;
  }
}

/** `Organization: Example ()` → `Example`. */
function withoutKind(written: string): string {
  return written.replace(/^(?:Tool|Person|Organization): ?/, '').replace(/ ?\(\)$/, '');
}

function problemsOf(reading: Reading): readonly string[] {
  const [first] = reading.unreadable;
  if (first === undefined) return [];
  return [`${reading.unreadable.length} package URLs cannot be read. The first: ${first}`];
}
