import { isJsonObject } from './bounded-json.ts';
import {
  anyText,
  contact,
  dateTime,
  externalReferences,
  licenceList,
  type Minor,
  organisation,
  propertyList,
  reference,
  releaseNotes,
  tool,
  vulnerabilityRating,
} from './cyclonedx-parts.ts';
import {
  also,
  bool,
  closedObject,
  lazy,
  list,
  object,
  oneOf,
  refuse,
  type Shape,
  text,
  whole,
} from './json-shape.ts';

/**
 * What a CycloneDX document has beside its components. Model cards, formulation, declarations and
 * signatures are let through as they are, since nothing here reads them.
 */
export const unread = object({}, {});
export const unreadList = list(unread);

export function metadataShape(minor: Minor, component: Shape<unknown>, service: Shape<unknown>) {
  const toolList = list(tool(minor));
  const toolObject = closedObject({}, { components: list(component), services: list(service) });
  const tools: Shape<unknown> = (value, trail) =>
    minor >= 5 && isJsonObject(value) ? toolObject(value, trail) : toolList(value, trail);
  return closedObject(
    {},
    {
      timestamp: dateTime,
      tools,
      authors: list(contact),
      component,
      manufacture: organisation,
      supplier: organisation,
      licenses: licenceList(minor),
      properties: propertyList(minor),
      ...(minor >= 5 ? { lifecycles: list(lifecycle) } : {}),
      ...(minor >= 6 ? { manufacturer: organisation } : {}),
      ...(minor >= 7 ? { distributionConstraints } : {}),
    },
  );
}

const TLP = ['CLEAR', 'GREEN', 'AMBER', 'AMBER_AND_STRICT', 'RED'];
const distributionConstraints = closedObject({}, { tlp: oneOf(TLP, 'a TLP class') });

const PHASES = 'design pre-build build post-build operations discovery decommission'.split(' ');
const lifecycle = also(
  closedObject({}, { phase: oneOf(PHASES, 'a phase'), name: anyText, description: anyText }),
  (value, trail) => {
    if ((value.phase === undefined) === (value.name === undefined)) {
      refuse(trail, 'a lifecycle has either a "phase" or a "name"');
    }
  },
);

export function serviceShape(minor: Minor): Shape<unknown> {
  const flow = oneOf(['inbound', 'outbound', 'bi-directional', 'unknown'], 'a direction of data');
  const data = { flow, classification: anyText };
  const shape: Shape<unknown> = closedObject(
    { name: anyText },
    {
      'bom-ref': reference(minor),
      provider: organisation,
      group: anyText,
      version: anyText,
      description: anyText,
      endpoints: list(anyText),
      authenticated: bool,
      'x-trust-boundary': bool,
      data: minor === 4 ? list(closedObject(data, {})) : list(object(data, {})),
      licenses: licenceList(minor),
      externalReferences: externalReferences(minor),
      services: list(lazy(() => shape)),
      releaseNotes: releaseNotes(minor),
      properties: propertyList(minor),
      signature: unread,
      ...(minor >= 5 ? { trustZone: anyText } : {}),
      ...(minor >= 6 ? { tags: list(anyText) } : {}),
      ...(minor >= 7 ? { patentAssertions: unreadList } : {}),
    },
  );
  return shape;
}

export function dependencyShape(minor: Minor) {
  const to = list(reference(minor));
  return closedObject(
    { ref: reference(minor) },
    { dependsOn: to, ...(minor >= 6 ? { provides: to } : {}) },
  );
}

const AGGREGATES =
  'complete incomplete incomplete_first_party_only incomplete_third_party_only unknown not_specified';
const AGGREGATES_SINCE_5 = ['first_party', 'third_party'].flatMap((party) => [
  `incomplete_${party}_proprietary_only`,
  `incomplete_${party}_opensource_only`,
]);

export function compositionShape(minor: Minor) {
  const words = [...AGGREGATES.split(' '), ...(minor >= 5 ? AGGREGATES_SINCE_5 : [])];
  return closedObject(
    { aggregate: oneOf(words, 'an aggregate that CycloneDX names') },
    {
      assemblies: list(anyText),
      dependencies: list(anyText),
      signature: unread,
      ...(minor >= 5 ? { 'bom-ref': reference(minor), vulnerabilities: list(anyText) } : {}),
    },
  );
}

export const annotationShape = object(
  { subjects: list(anyText), annotator: object({}, {}), timestamp: dateTime, text: anyText },
  {},
);

/** Vulnerabilities in an SBOM are not taken over; these are the fields whose types matter. */
export function vulnerabilityShape(minor: Minor) {
  return object(
    {},
    {
      'bom-ref': reference(minor),
      id: anyText,
      source: object({}, { name: anyText, url: anyText }),
      ratings: list(vulnerabilityRating),
      cwes: list(whole(1)),
      description: anyText,
      detail: anyText,
      recommendation: anyText,
      created: dateTime,
      published: dateTime,
      updated: dateTime,
      affects: list(object({ ref: reference(minor) }, {})),
      properties: propertyList(minor),
    },
  );
}

/** Since 1.7: who says so, or which process, about pointers or about expressions. */
export const citationShape = also(
  closedObject(
    { timestamp: dateTime },
    {
      'bom-ref': text({ lengthMin: 1 }),
      pointers: list(anyText, { countMin: 1 }),
      expressions: list(anyText, { countMin: 1 }),
      attributedTo: text({ lengthMin: 1 }),
      process: text({ lengthMin: 1 }),
      note: anyText,
      signature: unread,
    },
  ),
  (value, trail) => {
    if ((value.pointers === undefined) === (value.expressions === undefined)) {
      refuse(trail, 'a citation has either "pointers" or "expressions"');
    }
    if (value.attributedTo === undefined && value.process === undefined) {
      refuse(trail, 'a citation names who it is "attributedTo" or the "process"');
    }
  },
);
