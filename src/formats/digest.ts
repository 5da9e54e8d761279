import { invalid } from '../model/errors.ts';

export type Digest = { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string };

const HEX_LENGTH = { sha256: 64, sha512: 128 } as const;
const DIGEST = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** `sha256:` or `sha512:` with lower-case hex, the algorithms OCI registers (descriptor.md). */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Throws a Failure that says which rule the text breaks. */
export function parseDigest(text: string): Digest {
  const colon = text.indexOf(':');
  const shown = JSON.stringify(text.slice(0, 150).toWellFormed());
  if (colon === -1) throw invalid(`${shown} is no digest: a digest is written algorithm:hex.`);
  const algorithm = text.slice(0, colon);
  if (algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw invalid(`${shown} is no digest that is read here: only sha256 and sha512 are.`);
  }
  const hex = text.slice(colon + 1);
  if (!isDigest(text)) {
    const length = HEX_LENGTH[algorithm];
    throw invalid(`${shown} is no digest: ${algorithm} has ${length} lower-case hex digits.`);
  }
  return { algorithm, hex };
}
