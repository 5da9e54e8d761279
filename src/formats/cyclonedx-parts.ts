import {
  also,
  anything,
  bool,
  closedObject,
  list,
  number,
  object,
  oneOf,
  quote,
  refuse,
  type Shape,
  text,
  whole,
} from './json-shape.ts';
import { SPDX_IDS_KNOWN } from './spdx-licence-ids.ts';

/**
 * The smaller parts of a CycloneDX document as the specification has them
 * (https://cyclonedx.org/docs/1.7/json/), for the minor version in hand: 4 for 1.4.
 */
export type Minor = 4 | 5 | 6 | 7;

export const anyText = text();

/** A bom-ref or what points at one; 1.4 lets it be empty. */
export const reference = (minor: Minor): Shape<string> => text({ lengthMin: minor >= 5 ? 1 : 0 });
const someReference = text({ lengthMin: 1 });

/** RFC 3339, as JSON Schema's `date-time`. */
export const dateTime: Shape<string> = also(
  text({
    pattern: /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/,
    meaning: 'a date and time with a zone, such as 2026-01-02T03:04:05Z',
    lengthMax: 64,
  }),
  (value, trail) => {
    // A leap second is a second that Date does not know.
    const leapless = value.replace(/:60/, ':59').replace(' ', 'T');
    if (Number.isNaN(Date.parse(leapless)))
      refuse(trail, `${quote(value)} is no date of any month`);
  },
);

/** Only 1.6 and newer demand a name and nothing else. */
export function propertyList(minor: Minor): Shape<readonly { name?: string; value?: string }[]> {
  const fields = { name: anyText, value: anyText };
  if (minor < 6) return list(object({}, fields));
  return list(closedObject({ name: anyText }, { value: anyText }));
}

const attachment = closedObject(
  { content: anyText },
  { contentType: anyText, encoding: oneOf(['base64'], 'the encoding base64') },
);

const HASHES = [
  ...['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512', 'SHA3-256', 'SHA3-384', 'SHA3-512'],
  ...['BLAKE2b-256', 'BLAKE2b-384', 'BLAKE2b-512', 'BLAKE3'],
];
const hashContent = text({
  pattern: /^([a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128})$/,
  meaning: 'a hash of 32, 40, 64, 96 or 128 hex digits',
});

export function hashList(minor: Minor): Shape<readonly { alg: string; content: string }[]> {
  const known = minor >= 7 ? [...HASHES, 'Streebog-256', 'Streebog-512'] : HASHES;
  const alg: Shape<string> = oneOf(known, 'a hash algorithm that CycloneDX names');
  return list(closedObject({ alg, content: hashContent }, {}));
}

const ACKNOWLEDGEMENT = oneOf(['declared', 'concluded'], 'declared or concluded');

type Licence = { readonly id?: string; readonly name?: string };
export type LicenceEntry = { readonly license?: Licence; readonly expression?: string };

function licence(minor: Minor): Shape<Licence> {
  const fields = {
    id: oneOf(SPDX_IDS_KNOWN, 'an id of the SPDX licence list'),
    name: anyText,
    text: attachment,
    url: anyText,
    ...(minor >= 5
      ? { 'bom-ref': someReference, licensing: object({}, {}), properties: propertyList(minor) }
      : {}),
    ...(minor >= 6 ? { acknowledgement: ACKNOWLEDGEMENT } : {}),
  };
  return also(closedObject({}, fields) as Shape<Licence>, (value, trail) => {
    if ((value.id === undefined) === (value.name === undefined)) {
      refuse(trail, 'a licence has either an "id" or a "name"');
    }
  });
}

/** Licences or expressions; only 1.4 and 1.7 let a list hold both kinds. */
export function licenceList(minor: Minor): Shape<readonly LicenceEntry[]> {
  const entry = also(
    closedObject(
      {},
      {
        license: licence(minor),
        expression: anyText,
        ...(minor >= 5 ? { 'bom-ref': someReference } : {}),
        ...(minor >= 6 ? { acknowledgement: ACKNOWLEDGEMENT } : {}),
        ...(minor >= 7
          ? {
              expressionDetails: list(object({}, {})),
              licensing: object({}, {}),
              properties: propertyList(minor),
            }
          : {}),
      },
    ) as Shape<LicenceEntry>,
    (value, trail) => {
      if ((value.license === undefined) === (value.expression === undefined)) {
        refuse(trail, 'an entry has either a "license" or an "expression"');
      }
    },
  );
  return also(list(entry), (entries, trail) => {
    const mixes = minor === 4 || minor === 7;
    if (!mixes && entries.length > 1 && entries.some((each) => each.expression !== undefined)) {
      refuse(trail, 'an expression must be the only entry of its list in this version');
    }
  });
}

export const contact = closedObject(
  {},
  { 'bom-ref': someReference, name: anyText, email: anyText, phone: anyText },
);
const postalAddress = closedObject(
  {},
  {
    'bom-ref': someReference,
    country: anyText,
    region: anyText,
    locality: anyText,
    postOfficeBoxNumber: anyText,
    postalCode: anyText,
    streetAddress: anyText,
  },
);
export const organisation = closedObject(
  {},
  {
    'bom-ref': someReference,
    name: anyText,
    address: postalAddress,
    url: list(anyText),
    contact: list(contact),
  },
);

export function externalReferences(minor: Minor): Shape<readonly unknown[]> {
  return list(
    closedObject(
      { url: anyText, type: externalReferenceType(minor) },
      {
        comment: anyText,
        hashes: hashList(minor),
        ...(minor >= 7 ? { properties: propertyList(minor) } : {}),
      },
    ),
  );
}

function externalReferenceType(minor: Minor): Shape<string> {
  const words = [
    'vcs issue-tracker website advisories bom mailing-list social chat documentation support',
    'distribution license build-meta build-system release-notes other',
    ...(minor >= 5
      ? [
          'distribution-intake security-contact model-card log configuration evidence formulation',
          'attestation threat-model adversary-model risk-assessment vulnerability-assertion',
          'exploitability-statement pentest-report static-analysis-report dynamic-analysis-report',
          'runtime-analysis-report component-analysis-report maturity-report certification-report',
          'codified-infrastructure quality-metrics poam',
        ]
      : []),
    ...(minor >= 6 ? ['source-distribution electronic-signature digital-signature rfc-9116'] : []),
    ...(minor >= 7 ? ['patent patent-family patent-assertion citation'] : []),
  ];
  return oneOf(words.join(' ').split(' '), 'a kind of external reference');
}

export const swid = closedObject(
  { tagId: anyText, name: anyText },
  {
    version: anyText,
    tagVersion: whole(),
    patch: bool,
    text: attachment,
    url: anyText,
  },
);

const action = closedObject({}, { timestamp: dateTime, name: anyText, email: anyText });
const commit = closedObject(
  {},
  { uid: anyText, url: anyText, author: action, committer: action, message: anyText },
);
const issue = closedObject(
  { type: oneOf(['defect', 'enhancement', 'security'], 'defect, enhancement or security') },
  {
    id: anyText,
    name: anyText,
    description: anyText,
    source: closedObject({}, { name: anyText, url: anyText }),
    references: list(anyText),
  },
);
const PATCHES = ['unofficial', 'monkey', 'backport', 'cherry-pick'];
const patch = closedObject(
  { type: oneOf(PATCHES, `one of ${PATCHES.join(', ')}`) },
  { diff: closedObject({}, { text: attachment, url: anyText }), resolves: list(issue) },
);

export function pedigree(component: Shape<unknown>): Shape<unknown> {
  return closedObject(
    {},
    {
      ancestors: list(component),
      descendants: list(component),
      variants: list(component),
      commits: list(commit),
      patches: list(patch),
      notes: anyText,
    },
  );
}

export function releaseNotes(minor: Minor): Shape<unknown> {
  const note = closedObject(
    { text: attachment },
    { locale: text({ pattern: /^([a-z]{2})(-[A-Z]{2})?$/, meaning: 'a locale such as en-GB' }) },
  );
  return closedObject(
    { type: anyText },
    {
      title: anyText,
      featuredImage: anyText,
      socialImage: anyText,
      description: anyText,
      timestamp: dateTime,
      aliases: list(anyText),
      tags: list(anyText),
      resolves: list(issue),
      notes: list(note),
      properties: propertyList(minor),
    },
  );
}

export type Occurrence = { readonly location: string; readonly additionalContext?: string };

export function componentEvidence(
  minor: Minor,
): Shape<{ readonly occurrences?: readonly Occurrence[] }> {
  const occurrence = closedObject(
    { location: anyText },
    {
      'bom-ref': someReference,
      ...(minor >= 6
        ? { line: whole(), offset: whole(), symbol: anyText, additionalContext: anyText }
        : {}),
    },
  ) as Shape<Occurrence>;
  return closedObject(
    {},
    {
      licenses: licenceList(minor),
      copyright: list(closedObject({ text: anyText }, {})),
      ...(minor >= 5
        ? { identity: anything, occurrences: list(occurrence), callstack: object({}, {}) }
        : {}),
    },
  );
}

export function tool(minor: Minor): Shape<{ vendor?: string; name?: string; version?: string }> {
  return closedObject(
    {},
    {
      vendor: anyText,
      name: anyText,
      version: anyText,
      hashes: hashList(minor),
      externalReferences: externalReferences(minor),
    },
  );
}

export const vulnerabilityRating = object(
  {},
  {
    score: number,
    severity: oneOf(
      ['critical', 'high', 'medium', 'low', 'info', 'none', 'unknown'],
      'a severity that CycloneDX names',
    ),
    vector: anyText,
    justification: anyText,
  },
);
