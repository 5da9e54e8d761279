import type { Component } from '../model/component.ts';

/**
 * An SBOM somebody else wrote, as its author states it. Nothing here was seen by Wharfinger: a
 * reader of this type keeps it apart from a catalogue.
 */
export type StatedSbom = {
  readonly format: 'CycloneDX' | 'SPDX';
  /** `1.6`, `2.3`. */
  readonly formatVersion: string;
  /** What the document calls itself: its serial number and version, or its namespace. */
  readonly identifier?: string;
  readonly name?: string;
  /** When its author says it was made. */
  readonly created?: string;
  /** People and organisations, as written. */
  readonly authors: readonly string[];
  /** Tools with their versions, as written: `syft 1.57.0`. */
  readonly tools: readonly string[];
  /** What the document is about: the image, where it is an image's. */
  readonly subject?: StatedComponent;
  /** One flat list; what was nested says so in `relationships`. */
  readonly components: readonly StatedComponent[];
  readonly relationships: readonly StatedRelationship[];
  readonly properties: readonly StatedProperty[];
  /** What could be kept and not understood, each a sentence. */
  readonly problems: readonly string[];
};

export type StatedComponent = {
  /** Its bom-ref or SPDXID. */
  readonly reference?: string;
  /** `library`, `container`, `operating-system` …: the format's own word, lower case. */
  readonly kind: string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  /** The purl exactly as stated, even one that breaks a rule. */
  readonly purl?: string;
  /** The parts of that purl, where it can be read, with name and version as stated. */
  readonly component?: Component;
  /** SPDX ids, expressions or the author's words. */
  readonly licences: readonly string[];
  readonly hashes: readonly { readonly algorithm: string; readonly value: string }[];
  readonly cpe?: string;
  readonly supplier?: string;
  readonly scope?: string;
  /** Files that prove it; layer and cataloguer where the author is Wharfinger. */
  readonly locations: readonly StatedLocation[];
  readonly source?: { readonly name: string; readonly version: string };
  readonly ownedBy?: string;
  /** Its author names it and does not say it is installed. */
  readonly declared: boolean;
  readonly properties: readonly StatedProperty[];
};

export type StatedLocation = {
  readonly path: string;
  readonly layer?: number;
  readonly cataloguer?: string;
};

export type StatedProperty = { readonly name: string; readonly value: string };

/** `kind` is the format's own word: `dependsOn`, `contains`, `GENERATED_FROM` … */
export type StatedRelationship = {
  readonly from: string;
  readonly kind: string;
  readonly to: string;
};

/** More than any real document has; each costs a row somewhere. */
export const STATED_COMPONENTS_MAX = 500_000;
export const STATED_RELATIONSHIPS_MAX = 5_000_000;
