import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

type Options = Readonly<Record<string, unknown>>;
type Twist = {
  readonly origin?: string;
  readonly isVerified?: boolean;
  readonly counter?: number;
  /** Signs with a key that was never registered. */
  readonly isForged?: boolean;
};

const sha256 = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest();
const base64url = (bytes: Buffer): string => bytes.toString('base64url');

/** CBOR (RFC 8949) of the few shapes an attestation needs, written out by hand. */
function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 0xff]);
}
const text = (value: string): Buffer => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const bytesOf = (value: Buffer): Buffer => Buffer.concat([head(2, value.length), value]);

/**
 * A passkey in software: ES256, attestation "none" (W3C WebAuthn level 3, sections 6.1 and 8.7),
 * in the JSON forms that browsers give.
 */
export function softAuthenticator(siteOrigin: string) {
  const site = new URL(siteOrigin).hostname;
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  let counter = 0;

  const clientData = (type: string, options: Options, twist: Twist): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: options['challenge'],
        origin: twist.origin ?? siteOrigin,
        crossOrigin: false,
      }),
    );

  const authenticatorData = (flags: number, twist: Twist): Buffer => {
    counter += 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(twist.counter ?? counter);
    // User present is bit 0, user verified bit 2.
    const person = twist.isVerified === false ? 0x01 : 0x05;
    return Buffer.concat([sha256(site), Buffer.from([flags | person]), count]);
  };

  /** COSE_Key (RFC 9053 section 7.1): kty EC2, alg ES256, crv P-256, x, y. */
  const publicKey = (): Buffer => {
    const jwk = keys.publicKey.export({ format: 'jwk' });
    const point = (part: string | undefined) => bytesOf(Buffer.from(part ?? '', 'base64url'));
    return Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      point(jwk.x),
      Buffer.from([0x22]),
      point(jwk.y),
    ]);
  };

  return {
    register: (options: Options, twist: Twist = {}) => {
      const length = Buffer.from([0, id.length]);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, publicKey()]);
      const data = Buffer.concat([authenticatorData(0x40, twist), attested]);
      const attestation = Buffer.concat([
        Buffer.from([0xa3]),
        text('fmt'),
        text('none'),
        text('attStmt'),
        Buffer.from([0xa0]),
        text('authData'),
        bytesOf(data),
      ]);
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', options, twist)),
          attestationObject: base64url(attestation),
          transports: ['internal'],
        },
      };
    },
    sign: (options: Options, twist: Twist = {}) => {
      const client = clientData('webauthn.get', options, twist);
      const data = authenticatorData(0, twist);
      const key = twist.isForged === true ? other.privateKey : keys.privateKey;
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), key);
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(signature),
        },
      };
    },
  };
}
