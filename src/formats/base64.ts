/**
 * Standard base64 with padding (RFC 4648 section 4), the one spelling of the bytes: anything else,
 * and bits left over in the last letter, give undefined. Node's own decoder forgives all of that,
 * which would let a signed file be edited without a check noticing.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
