import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { invalid } from '../model/errors.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';

/** Signed notes with Ed25519 keys (c2sp.org/signed-note). */
export type VerifierKey = { readonly name: string; readonly id: number; readonly key: KeyObject };

export type NoteSigner = {
  readonly name: string;
  readonly id: number;
  readonly key: KeyObject;
  /** The public half as text, for those who check: `name+id+base64`. */
  readonly verifierKey: string;
};

/** Notes are small; the specification asks for a bound and names none. */
export const NOTE_BYTES_MAX = 1_000_000;
const SIGNATURES_MAX = 100;
const ED25519 = 1;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

// RFC 8410: the fixed DER in front of a raw Ed25519 public key and of a raw private seed.
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex');
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Key names are non-empty and hold neither Unicode spaces nor a plus sign. */
export function isKeyName(name: string): boolean {
  return /^[^\s+\p{White_Space}\p{Cc}]+$/u.test(name) && name.isWellFormed();
}

function keyId(name: string, publicKey: Uint8Array): number {
  const sum = hash(
    'sha256',
    Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey]),
    'buffer',
  );
  return sum.readUInt32BE(0);
}

const idText = (id: number): string => id.toString(16).padStart(8, '0');

function formatVerifierKey(name: string, publicKey: Uint8Array): string {
  const material = encodeBase64(Buffer.concat([Buffer.of(ED25519), publicKey]));
  return `${name}+${idText(keyId(name, publicKey))}+${material}`;
}

/** Reads `name+id+base64`, as an auditor is handed it. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name, id, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = material === undefined ? undefined : decodeBase64(material);
  if (name === undefined || id === undefined || bytes === undefined || !isKeyName(name)) {
    throw invalid('The key is not a verifier key; one looks like name+1a2b3c4d+ARpc2Q….');
  }
  if (bytes[0] !== ED25519 || bytes.length !== 1 + KEY_BYTES) {
    throw invalid('The verifier key is not an Ed25519 key (type 1, 32 bytes).');
  }
  const publicKey = bytes.subarray(1);
  if (keyId(name, publicKey) !== Number.parseInt(id, 16)) {
    throw invalid('The verifier key was damaged: its id does not belong to its name and key.');
  }
  const key = createPublicKey({
    key: Buffer.concat([PUBLIC_DER, publicKey]),
    format: 'der',
    type: 'spki',
  });
  return { name, id: Number.parseInt(id, 16), key };
}

/** A signer from its name and 32-byte seed (RFC 8032's private key). */
export function createNoteSigner(
  name: string,
  seed: Uint8Array = randomBytes(KEY_BYTES),
): NoteSigner {
  if (!isKeyName(name)) throw invalid('A log name is not empty and has no spaces and no plus.');
  if (seed.length !== KEY_BYTES) throw invalid('An Ed25519 seed has 32 bytes.');
  const key = createPrivateKey({
    key: Buffer.concat([PRIVATE_DER, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = spki.subarray(PUBLIC_DER.length);
  const verifierKey = formatVerifierKey(name, publicKey);
  return { name, id: keyId(name, publicKey), key, verifierKey };
}

/** The private half as text (`PRIVATE+KEY+name+id+base64`, as Go's note package writes it). */
export function formatSignerKey(signer: NoteSigner): string {
  const seed = signer.key.export({ format: 'der', type: 'pkcs8' }).subarray(PRIVATE_DER.length);
  const material = encodeBase64(Buffer.concat([Buffer.of(ED25519), seed]));
  return `PRIVATE+KEY+${signer.name}+${idText(signer.id)}+${material}`;
}

export function parseSignerKey(text: string): NoteSigner {
  const [, name, id, material] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = material === undefined ? undefined : decodeBase64(material);
  if (name === undefined || bytes?.length !== 1 + KEY_BYTES || bytes[0] !== ED25519) {
    throw invalid('The stored signing key cannot be read.');
  }
  const signer = createNoteSigner(name, bytes.subarray(1));
  if (idText(signer.id) !== id) throw invalid('The stored signing key was damaged.');
  return signer;
}

/** Signs a text that ends in a newline and holds no other control character. */
export function signNote(text: string, signer: NoteSigner): string {
  if (!isNoteText(text)) throw invalid('This text cannot be signed as a note.');
  const signature = sign(null, Buffer.from(text), signer.key);
  const id = Buffer.alloc(4);
  id.writeUInt32BE(signer.id);
  return `${text}\n— ${signer.name} ${encodeBase64(Buffer.concat([id, signature]))}\n`;
}

function isNoteText(text: string): boolean {
  if (!text.endsWith('\n') || !text.isWellFormed()) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 0x0a) return false;
  }
  return true;
}

/**
 * The text of a note, if the key signed it. Signatures by other keys are ignored, as the
 * specification demands; a bad one by this key refuses the note. Throws a Failure with a sentence.
 */
export function openNote(note: string, verifierKey: VerifierKey): string {
  const { text, signatures } = splitNote(note);
  const own = signatures.filter(
    ({ name, bytes }) => name === verifierKey.name && bytes.readUInt32BE(0) === verifierKey.id,
  );
  if (own.length === 0) throw invalid(`The note is not signed by the key ${verifierKey.name}.`);
  for (const { bytes } of own) {
    const signature = bytes.subarray(4);
    const isGood =
      signature.length === SIGNATURE_BYTES &&
      verify(null, Buffer.from(text), verifierKey.key, signature);
    if (!isGood) throw invalid(`The signature by ${verifierKey.name} does not fit the text.`);
  }
  return text;
}

type Signature = { readonly name: string; readonly bytes: Buffer };

function splitNote(note: string): { text: string; signatures: Signature[] } {
  if (note.length > NOTE_BYTES_MAX) throw invalid('The note is too long.');
  if (!isNoteText(note)) throw invalid('The note has control characters or no last newline.');
  const gap = note.lastIndexOf('\n\n');
  if (gap < 0) throw invalid('The note carries no signature.');
  const lines = note.slice(gap + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) throw invalid('The note carries too many signatures.');
  return { text: note.slice(0, gap + 1), signatures: lines.map(parseSignatureLine) };
}

function parseSignatureLine(line: string): Signature {
  const [, name, encoded] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
  if (name === undefined || !isKeyName(name) || bytes === undefined || bytes.length < 5) {
    throw invalid('A signature line of the note cannot be read.');
  }
  return { name, bytes: Buffer.from(bytes) };
}
