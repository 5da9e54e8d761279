/**
 * What an SBOM says about itself besides its content. All of it is passed in, so the same catalogue
 * with the same stamp is the same bytes.
 */
export type SbomStamp = {
  /** A fresh random UUID (RFC 9562), lower case: a document is never issued twice under one. */
  readonly uuid: string;
  /** When the document was made, `2026-01-02T03:04:05.678Z`. */
  readonly created: string;
  readonly toolVersion: string;
};

export const TOOL_NAME = 'wharfinger';
/** The prefix of what only Wharfinger says in a document: CycloneDX property names begin so. */
export const OWN_PREFIX = 'wharfinger:';
