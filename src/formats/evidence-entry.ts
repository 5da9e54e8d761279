import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '../model/canonical-json.ts';
import { invalid } from '../model/errors.ts';
import { ENTRY_BYTES_MAX } from './tlog-tiles.ts';

/** Bulky evidence, kept outside the log by the digest of its bytes. */
export type Attachment = {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
};

/** One entry of the evidence log: who did what to which things, when. */
export type EvidenceEntry = {
  /** Random, so that nobody can find an entry's content by guessing at its hash. */
  readonly id: string;
  /** What happened, in the past tense: `connection.added`, `grant.revoked`. */
  readonly kind: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** `user:…`, `policy:…`, `system:…`: an id, never a name. */
  readonly actor: string;
  /** Ids of what it is about: `container:…`, `image:sha256:…`. */
  readonly subjects: readonly string[];
  readonly body?: Json | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
};

const FORMAT = 1;
const SUBJECTS_MAX = 100;
const ATTACHMENTS_MAX = 100;
const KIND = /^[a-z][a-z0-9-]{0,39}(\.[a-z][a-z0-9-]{0,39}){1,3}$/;
// No @ and no space: a mail address or a person's name does not pass for an id, so that a person
// can be erased without touching the log.
const THING_ID = /^(nobody|[a-z][a-z0-9-]{0,39}:[A-Za-z0-9][A-Za-z0-9._:-]{0,199})$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The bytes that are hashed into the log: canonical JSON, at most 65,535 of them. */
export function encodeEvidenceEntry(entry: EvidenceEntry): Buffer {
  checkEvidenceEntry(entry);
  const { actor, at, attachments, body, id, kind, subjects } = entry;
  // In order already, which is what canonicalJson is fastest with.
  const value = { actor, at, attachments, body, id, kind, subjects, v: FORMAT };
  const bytes = Buffer.from(canonicalJson(value));
  if (bytes.length > ENTRY_BYTES_MAX) {
    throw invalid('An evidence entry is longer than 65,535 bytes; keep the bulk by its digest.');
  }
  return bytes;
}

function checkEvidenceEntry(entry: EvidenceEntry): void {
  if (!KIND.test(entry.kind)) throw invalid('An evidence kind looks like "grant.revoked".');
  if (!TIME.test(entry.at)) throw invalid('The time of an evidence entry is ISO 8601 in UTC.');
  if (!isThingId(entry.actor)) throw invalid('An evidence actor is an id like "user:7f3a".');
  if (entry.subjects.length > SUBJECTS_MAX) throw invalid('An entry has at most 100 subjects.');
  if (!entry.subjects.every(isThingId)) {
    throw invalid('An evidence subject is an id like "container:7f3a", without personal data.');
  }
  const attachments = entry.attachments ?? [];
  if (attachments.length > ATTACHMENTS_MAX) throw invalid('An entry has at most 100 attachments.');
  if (!attachments.every(({ digest }) => DIGEST.test(digest))) {
    throw invalid('An attachment is named by its sha256 digest.');
  }
}

export function isThingId(text: string): boolean {
  return THING_ID.test(text);
}

/** Reads an entry back. Undefined for bytes that encodeEvidenceEntry would not have written. */
export function parseEvidenceEntry(bytes: Uint8Array): EvidenceEntry | undefined {
  try {
    const text = Buffer.from(bytes).toString();
    const { v, ...entry } = JSON.parse(text) as EvidenceEntry & { v: unknown };
    return v === FORMAT && encodeEvidenceEntry(entry).equals(bytes) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Personal data as it may stand in an entry's body: a hash under a secret salt that is kept with
 * the person and thrown away when the person is erased.
 * @public
 */
export function saltedHash(salt: Uint8Array, value: string): string {
  if (salt.length < 16) throw invalid('A salt has 16 bytes or more.');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(salt.length);
  const sum = hash('sha256', Buffer.concat([length, salt, Buffer.from(value)]), 'hex');
  return `salted-sha256:${sum}`;
}
