import {
  anything,
  bool,
  closedObject,
  list,
  object,
  oneOf,
  type Shape,
  text,
} from './json-shape.ts';

export type RawAnnotation = { readonly annotator: string; readonly comment: string };

export type RawPackage = {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo?: string;
  readonly supplier?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly primaryPackagePurpose?: string;
  readonly licenseDeclared?: string;
  readonly licenseConcluded?: string;
  readonly checksums?: readonly { readonly algorithm: string; readonly checksumValue: string }[];
  readonly externalRefs?: readonly {
    readonly referenceType: string;
    readonly referenceLocator: string;
  }[];
  readonly annotations?: readonly RawAnnotation[];
};

export type RawSpdx = {
  readonly spdxVersion: string;
  readonly name: string;
  readonly documentNamespace?: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly documentDescribes?: readonly string[];
  readonly packages?: readonly RawPackage[];
  readonly relationships?: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
  }[];
  readonly hasExtractedLicensingInfos?: readonly {
    readonly licenseId: string;
    readonly name?: string;
    readonly extractedText: string;
  }[];
};

const anyText = text();
const texts = list(anyText);
const spdxId = text({
  pattern: /^(DocumentRef-[A-Za-z0-9.+-]+:)?SPDXRef-[A-Za-z0-9.+_-]+$/,
  meaning: 'an SPDX id (SPDXRef- with letters, digits, dots and dashes)',
  lengthMax: 4096,
});
/** What a relationship may point at besides an element (section 11.1). */
const element: Shape<string> = (value, trail) =>
  value === 'NONE' || value === 'NOASSERTION' ? value : spdxId(value, trail);

/** Section 6.9: seconds, in UTC; some writers add a fraction. */
const instant = text({
  pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/,
  meaning: 'a time such as 2026-01-02T03:04:05Z',
  lengthMax: 64,
});

const ALGORITHMS = [
  ...['SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'SHA3-256', 'SHA3-384', 'SHA3-512'],
  ...['BLAKE2b-256', 'BLAKE2b-384', 'BLAKE2b-512', 'BLAKE3', 'MD2', 'MD4', 'MD5', 'MD6', 'ADLER32'],
];
const checksum = closedObject(
  {
    algorithm: oneOf(ALGORITHMS, 'a checksum algorithm that SPDX names'),
    checksumValue: text({ pattern: /^[0-9a-fA-F]+$/, meaning: 'hex digits', lengthMax: 1024 }),
  },
  {},
);

const annotation = closedObject(
  {
    annotationDate: instant,
    annotationType: oneOf(['OTHER', 'REVIEW'], 'OTHER or REVIEW'),
    annotator: anyText,
    comment: anyText,
  },
  { SPDXID: anyText },
);

/** 2.2 writes `PACKAGE_MANAGER`, 2.3 `PACKAGE-MANAGER`; tools of each time mix them. */
const CATEGORIES = 'OTHER SECURITY PACKAGE-MANAGER PACKAGE_MANAGER PERSISTENT-ID PERSISTENT_ID';
const externalReference = closedObject(
  {
    referenceCategory: oneOf(CATEGORIES.split(' '), 'a category of external references'),
    referenceType: anyText,
    referenceLocator: anyText,
  },
  { comment: anyText },
);

const PURPOSES =
  'OTHER INSTALL ARCHIVE FIRMWARE APPLICATION FRAMEWORK LIBRARY CONTAINER SOURCE DEVICE OPERATING_SYSTEM FILE';
/** Some tools of 2.3 write the dash of the tag-value form. */
const purposes = [...PURPOSES.split(' '), 'OPERATING-SYSTEM'];

const RELATIONSHIPS = [
  'AMENDS ANCESTOR_OF BUILD_DEPENDENCY_OF BUILD_TOOL_OF CONTAINED_BY CONTAINS COPY_OF',
  'DATA_FILE_OF DEPENDENCY_MANIFEST_OF DEPENDENCY_OF DEPENDS_ON DESCENDANT_OF DESCRIBED_BY',
  'DESCRIBES DEV_DEPENDENCY_OF DEV_TOOL_OF DISTRIBUTION_ARTIFACT DOCUMENTATION_OF DYNAMIC_LINK',
  'EXAMPLE_OF EXPANDED_FROM_ARCHIVE FILE_ADDED FILE_DELETED FILE_MODIFIED GENERATED_FROM',
  'GENERATES HAS_PREREQUISITE METAFILE_OF OPTIONAL_COMPONENT_OF OPTIONAL_DEPENDENCY_OF OTHER',
  'PACKAGE_OF PATCH_APPLIED PATCH_FOR PREREQUISITE_FOR PROVIDED_DEPENDENCY_OF',
  'REQUIREMENT_DESCRIPTION_FOR RUNTIME_DEPENDENCY_OF SPECIFICATION_FOR STATIC_LINK TEST_CASE_OF',
  'TEST_DEPENDENCY_OF TEST_OF TEST_TOOL_OF VARIANT_OF',
];

const packageOptional = {
  annotations: list(annotation),
  attributionTexts: texts,
  checksums: list(checksum),
  comment: anyText,
  copyrightText: anyText,
  description: anyText,
  externalRefs: list(externalReference),
  filesAnalyzed: bool,
  hasFiles: texts,
  homepage: anyText,
  licenseComments: anyText,
  licenseConcluded: anyText,
  licenseDeclared: anyText,
  licenseInfoFromFiles: texts,
  originator: anyText,
  packageFileName: anyText,
  packageVerificationCode: object({ packageVerificationCodeValue: anyText }, {}),
  sourceInfo: anyText,
  summary: anyText,
  supplier: anyText,
  versionInfo: anyText,
};
const packageRequired = { SPDXID: spdxId, name: anyText, downloadLocation: anyText };

const packages22 = closedObject(
  {
    ...packageRequired,
    licenseDeclared: anyText,
    licenseConcluded: anyText,
    copyrightText: anyText,
  },
  packageOptional,
);
const packages23 = closedObject(packageRequired, {
  ...packageOptional,
  builtDate: instant,
  releaseDate: instant,
  validUntilDate: instant,
  primaryPackagePurpose: oneOf(purposes, 'a purpose that SPDX names'),
});

/** Files and snippets are not taken over: only that they are what they claim is looked at. */
const file = object({ SPDXID: spdxId, fileName: anyText }, { checksums: list(checksum) });
const snippet = object({ SPDXID: spdxId, snippetFromFile: anyText }, {});

function documentShape(packages: Shape<unknown>): Shape<RawSpdx> {
  return closedObject(
    {
      SPDXID: oneOf(['SPDXRef-DOCUMENT'], '"SPDXRef-DOCUMENT"'),
      spdxVersion: anyText,
      name: anyText,
      dataLicense: anyText,
      creationInfo: closedObject(
        { created: instant, creators: list(anyText, { countMin: 1 }) },
        { comment: anyText, licenseListVersion: anyText },
      ),
    },
    {
      $schema: anyText,
      annotations: list(annotation),
      comment: anyText,
      documentDescribes: list(element),
      documentNamespace: anyText,
      externalDocumentRefs: list(
        closedObject({ checksum, externalDocumentId: anyText, spdxDocument: anyText }, {}),
      ),
      files: list(file),
      hasExtractedLicensingInfos: list(
        object({ licenseId: anyText, extractedText: anyText }, { name: anyText }),
      ),
      packages: list(packages),
      relationships: list(
        closedObject(
          {
            spdxElementId: element,
            relatedSpdxElement: element,
            relationshipType: oneOf(
              RELATIONSHIPS.join(' ').split(' '),
              'a relationship that SPDX names',
            ),
          },
          { comment: anyText },
        ),
      ),
      revieweds: anything,
      snippets: list(snippet),
    },
  ) as Shape<RawSpdx>;
}

/** Hand-written from https://spdx.github.io/spdx-spec/v2.2.2/ and v2.3. */
export const SPDX_SHAPES: Readonly<Record<'SPDX-2.2' | 'SPDX-2.3', Shape<RawSpdx>>> = {
  'SPDX-2.2': documentShape(packages22),
  'SPDX-2.3': documentShape(packages23),
};
