import { createHmac } from 'node:crypto';

/**
 * Signatures of outgoing calls as Standard Webhooks 1.0 has them
 * (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, in base64, with `v1,`.
 */
export type WebhookMessage = {
  /** The same over all tries of one message: a receiver tells repetitions by it. */
  readonly id: string;
  /** Of this try. Receivers refuse what is more than minutes old. */
  readonly at: Date;
  readonly body: string;
};

const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

/** The bytes of a `whsec_…` secret; undefined unless they are 24 to 64, as the standard asks. */
export function parseWebhookSecret(secret: string): Buffer | undefined {
  const encoded = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(secret)?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const isLongEnough = bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX;
  return isLongEnough && bytes.toString('base64') === encoded ? bytes : undefined;
}

/** The three headers that go with the body. */
export function signWebhook(message: WebhookMessage, key: Uint8Array): Record<string, string> {
  const timestamp = String(Math.floor(message.at.getTime() / 1000));
  const signed = `${message.id}.${timestamp}.${message.body}`;
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
  };
}
