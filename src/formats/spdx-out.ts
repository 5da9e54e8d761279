import type {
  Catalogue,
  CataloguedComponent,
  CatalogueProblem,
  ScannedImage,
} from '../model/catalogue.ts';
import type { OperatingSystem } from '../model/component.ts';
import { imageIdentity } from './image-identity.ts';
import { isLicenceExpression } from './licence-expression.ts';
import { normalisePurlParts, purlTypeRule } from './purl-types.ts';
import { type SbomStamp, TOOL_NAME } from './sbom-stamp.ts';
import { spdxNameOf } from './spdx-name.ts';

type Annotation = {
  readonly annotationDate: string;
  readonly annotationType: 'OTHER';
  readonly annotator: string;
  readonly comment: string;
};

export type SpdxPackage = {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo?: string;
  readonly downloadLocation: 'NOASSERTION';
  readonly filesAnalyzed: false;
  readonly primaryPackagePurpose?: 'CONTAINER' | 'OPERATING_SYSTEM' | 'LIBRARY' | 'SOURCE';
  readonly checksums?: readonly { readonly algorithm: 'SHA256'; readonly checksumValue: string }[];
  readonly sourceInfo?: string;
  readonly summary?: string;
  readonly licenseConcluded: 'NOASSERTION';
  readonly licenseDeclared: string;
  readonly copyrightText: 'NOASSERTION';
  readonly externalRefs?: readonly {
    readonly referenceCategory: 'PACKAGE-MANAGER';
    readonly referenceType: 'purl';
    readonly referenceLocator: string;
  }[];
  readonly annotations?: readonly Annotation[];
};

type Relationship = {
  readonly spdxElementId: string;
  readonly relationshipType: 'DESCRIBES' | 'CONTAINS' | 'GENERATED_FROM' | 'OTHER';
  readonly relatedSpdxElement: string;
  readonly comment?: string;
};

export type SpdxDocument = {
  readonly spdxVersion: 'SPDX-2.3';
  readonly dataLicense: 'CC0-1.0';
  readonly SPDXID: 'SPDXRef-DOCUMENT';
  readonly name: string;
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly comment?: string;
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly Relationship[];
  readonly hasExtractedLicensingInfos?: readonly {
    readonly licenseId: string;
    readonly name: string;
    readonly extractedText: string;
  }[];
};

const IMAGE = 'SPDXRef-Image';
const OS = 'SPDXRef-OperatingSystem';

/**
 * A catalogue as an SPDX 2.3 document (https://spdx.github.io/spdx-spec/v2.3/). SPDX has no place
 * for a layer, an owner or an executable nobody explains: those go into annotations, as JSON.
 */
export function writeSpdx(scanned: ScannedImage, stamp: SbomStamp): SpdxDocument {
  const { catalogue } = scanned;
  // Section 6.9 has seconds and no fraction.
  const created = stamp.created.replace(/\.\d+/, '');
  const writing: Writing = {
    annotate: (facts) => [annotation(facts, created)],
    licences: new Map(),
    sources: new Map(),
    relationships: [],
  };
  const identity = imageIdentity(scanned.image);
  const packages = [
    imagePackage(scanned, writing),
    ...(catalogue.os === undefined ? [] : [osPackage(catalogue.os, writing)]),
    ...catalogue.components.map((each, index) =>
      packageOf(each, `SPDXRef-Package-${index}`, writing),
    ),
    ...catalogue.declared.map((each, index) =>
      packageOf(each, `SPDXRef-Declared-${index}`, writing),
    ),
    ...writing.sources.values(),
  ];
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: identity.name,
    // Section 6.5: spdx.org's own prefix is for those who publish no site of their own.
    documentNamespace: `https://spdx.org/spdxdocs/${TOOL_NAME}-${stamp.uuid}`,
    creationInfo: { created, creators: [`Tool: ${TOOL_NAME}-${stamp.toolVersion}`] },
    ...partialComment(catalogue.problems),
    packages,
    relationships: [
      relate('SPDXRef-DOCUMENT', 'DESCRIBES', IMAGE),
      ...(catalogue.os === undefined ? [] : [relate(IMAGE, 'CONTAINS', OS)]),
      ...catalogue.components.map((_, index) =>
        relate(IMAGE, 'CONTAINS', `SPDXRef-Package-${index}`),
      ),
      ...catalogue.declared.map((_, index) => ({
        ...relate(IMAGE, 'OTHER', `SPDXRef-Declared-${index}`),
        comment: 'Declared by a lock file or the like, and not seen installed.',
      })),
      ...writing.relationships,
    ],
    ...extractedLicences(writing.licences),
  };
}

/** The document as a file. */
export function spdxText(document: SpdxDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

type Writing = {
  readonly annotate: (facts: object) => readonly Annotation[];
  /** What is no SPDX licence, by its text: the LicenseRef it goes by here. */
  readonly licences: Map<string, string>;
  /** Source packages by name, version and ecosystem. */
  readonly sources: Map<string, SpdxPackage>;
  readonly relationships: Relationship[];
};

function annotation(facts: object, date: string): Annotation {
  return {
    annotationDate: date,
    annotationType: 'OTHER',
    annotator: `Tool: ${TOOL_NAME}`,
    comment: JSON.stringify({ [TOOL_NAME]: facts }),
  };
}

function relate(
  from: string,
  relationshipType: Relationship['relationshipType'],
  to: string,
): Relationship {
  return { spdxElementId: from, relationshipType, relatedSpdxElement: to };
}

const UNSAID = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
} as const;

function imagePackage({ image, catalogue }: ScannedImage, writing: Writing): SpdxPackage {
  const identity = imageIdentity(image);
  const digest = image.manifestDigest ?? '';
  const { layers, executables, problems, cataloguers } = catalogue;
  return {
    ...UNSAID,
    SPDXID: IMAGE,
    name: identity.name,
    ...(identity.version === undefined ? {} : { versionInfo: identity.version }),
    primaryPackagePurpose: 'CONTAINER',
    ...(digest.startsWith('sha256:')
      ? { checksums: [{ algorithm: 'SHA256', checksumValue: digest.slice('sha256:'.length) }] }
      : {}),
    ...purlReference(identity.purl),
    annotations: writing.annotate({ image, layers, executables, problems, cataloguers }),
  };
}

function osPackage(os: OperatingSystem, writing: Writing): SpdxPackage {
  return {
    ...UNSAID,
    SPDXID: OS,
    name: os.id,
    ...(os.versionId === '' ? {} : { versionInfo: os.versionId }),
    primaryPackagePurpose: 'OPERATING_SYSTEM',
    summary: os.name,
    annotations: writing.annotate({
      idLike: os.idLike,
      ...(os.codename === undefined ? {} : { codename: os.codename }),
    }),
  };
}

function packageOf(component: CataloguedComponent, id: string, writing: Writing): SpdxPackage {
  const licences = component.licences ?? [];
  const { locations, ownedBy, source } = component;
  if (source !== undefined) {
    const sourceId = sourcePackage(component, source, writing);
    writing.relationships.push(relate(id, 'GENERATED_FROM', sourceId));
  }
  return {
    ...UNSAID,
    SPDXID: id,
    name: spdxNameOf(component),
    ...(component.version === '' ? {} : { versionInfo: component.version }),
    primaryPackagePurpose: 'LIBRARY',
    sourceInfo: `read from ${locations.map((each) => each.path).join(', ')}`,
    licenseDeclared: declaredLicence(licences, writing),
    ...purlReference(component.purl),
    annotations: writing.annotate({
      locations,
      ...(ownedBy === undefined ? {} : { ownedBy }),
      ...(source === undefined ? {} : { source }),
      // One SPDX licence is read back from licenseDeclared; other words, or several, are not.
      ...(licences.length > 1 || !licences.every(isLicenceExpression) ? { licences } : {}),
      ...(id.startsWith('SPDXRef-Declared') ? { declared: true } : {}),
      ...foldedNames(component),
    }),
  };
}

/** Namespace and name as stated, for a component whose purl folds them: `Zope_Interface`. */
function foldedNames(component: CataloguedComponent): object {
  const { namespace, name } = normalisePurlParts(component, purlTypeRule(component.type));
  if (name === component.name && namespace === component.namespace) return {};
  return {
    name: component.name,
    ...(component.namespace === undefined ? {} : { namespace: component.namespace }),
  };
}

/** A source package without a version of its own has its binary's (deb-src-control(5), Source). */
function sourcePackage(
  component: CataloguedComponent,
  source: { readonly name: string; readonly version: string },
  writing: Writing,
): string {
  const version = source.version === '' ? component.version : source.version;
  const key = JSON.stringify([component.type, component.namespace, source.name, version]);
  const known = writing.sources.get(key);
  if (known !== undefined) return known.SPDXID;
  const made: SpdxPackage = {
    ...UNSAID,
    SPDXID: `SPDXRef-Source-${writing.sources.size}`,
    name: source.name,
    ...(version === '' ? {} : { versionInfo: version }),
    primaryPackagePurpose: 'SOURCE',
  };
  writing.sources.set(key, made);
  return made.SPDXID;
}

/**
 * Several stated licences become one AND: whoever states two says that both apply. A text that is
 * no SPDX expression becomes a LicenseRef with the text as what was extracted (section 10).
 */
function declaredLicence(licences: readonly string[], writing: Writing): string {
  if (licences.length === 0) return 'NOASSERTION';
  const parts = licences.map((licence) => {
    if (!isLicenceExpression(licence) || licence.includes('Ref-'))
      return reference(licence, writing);
    return licences.length > 1 && licence.includes(' ') ? `(${licence})` : licence;
  });
  return parts.join(' AND ');
}

function reference(licence: string, writing: Writing): string {
  const known = writing.licences.get(licence);
  if (known !== undefined) return known;
  const made = `LicenseRef-${writing.licences.size}`;
  writing.licences.set(licence, made);
  return made;
}

function extractedLicences(
  licences: ReadonlyMap<string, string>,
): Pick<SpdxDocument, 'hasExtractedLicensingInfos'> {
  if (licences.size === 0) return {};
  return {
    hasExtractedLicensingInfos: [...licences].map(([text, licenseId]) => ({
      licenseId,
      name: text,
      extractedText: text,
    })),
  };
}

function purlReference(purl: string | undefined): Pick<SpdxPackage, 'externalRefs'> {
  if (purl === undefined) return {};
  return {
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
    ],
  };
}

function partialComment(problems: Catalogue['problems']): { readonly comment?: string } {
  if (problems.length === 0) return {};
  const lines = problems
    .slice(0, 100)
    .map((each: CatalogueProblem) => `${each.path}: ${each.message}`);
  return { comment: `This catalogue is partial. What could not be read:\n${lines.join('\n')}` };
}
