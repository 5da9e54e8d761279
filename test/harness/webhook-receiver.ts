import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedCall = { readonly headers: IncomingHttpHeaders; readonly body: string };

export type WebhookReceiver = {
  readonly url: string;
  readonly calls: ReceivedCall[];
  /** The status of the next answers; `never` keeps the caller waiting. */
  answer: number | 'never';
  /** Resolves when so many calls have come in all. */
  readonly until: (calls: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A real HTTP server that keeps what it is sent. */
export async function startWebhookReceiver(port = 0): Promise<WebhookReceiver> {
  const calls: ReceivedCall[] = [];
  let heard = (): void => {};
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString('utf8');
    });
    request.on('end', () => {
      calls.push({ headers: request.headers, body });
      heard();
      if (receiver.answer === 'never') return;
      response.writeHead(receiver.answer, { location: '/elsewhere' }).end('taken');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    answer: 204,
    until: async (count) => {
      while (calls.length < count) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/**
 * Verifies a signature as the specification tells receivers to (standardwebhooks.com, "Verifying
 * webhook authenticity"), with WebCrypto and apart from the code under test.
 */
export async function hasGenuineSignature(call: ReceivedCall, secret: string): Promise<boolean> {
  const bytes = Uint8Array.from(atob(secret.slice('whsec_'.length)), (c) => c.charCodeAt(0));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']);
  const { headers, body } = call;
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  for (const part of String(headers['webhook-signature']).split(' ')) {
    const [version, encoded = ''] = part.split(',');
    const signature = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
    const text = new TextEncoder().encode(signed);
    const isGenuine = await crypto.subtle.verify('HMAC', key, signature, text);
    if (version === 'v1' && isGenuine) return true;
  }
  return false;
}
