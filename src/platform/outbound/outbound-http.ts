import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { unavailable } from '../../model/errors.ts';
import { assertMayCall, lookupAllowed } from './address-rule.ts';

/**
 * Small HTTP calls to addresses that an operator named. Such an address may be private, never
 * link-local (where clouds serve credentials); the address checked is the one connected to.
 * Redirects are not followed. HTTP_PROXY, HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS hold.
 */
export type OutboundHttp = {
  /** The body as text; undefined when the address has nothing (404). */
  readonly get: (url: string, bytesMax: number) => Promise<string | undefined>;
  readonly put: (url: string, text: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

const CALL_MS_MAX = 15_000;
const CONNECT_MS_MAX = 5_000;

function createDispatcher(): Dispatcher {
  const connect = { lookup: lookupAllowed as never, timeout: CONNECT_MS_MAX };
  const hasProxy = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].some(
    (name) => process.env[name],
  );
  return hasProxy ? new EnvHttpProxyAgent({ connect }) : new Agent({ connect });
}

export function createOutboundHttp(): OutboundHttp {
  const dispatcher = createDispatcher();
  const call = async (url: string, options: { method: 'GET' | 'PUT'; body?: string }) => {
    const { host } = new URL(url);
    assertMayCall(new URL(url));
    const signal = AbortSignal.timeout(CALL_MS_MAX);
    const headers = options.body === undefined ? {} : { 'content-type': 'text/plain' };
    try {
      return await request(url, { ...options, headers, dispatcher, signal });
    } catch (cause) {
      throw unavailable(`${host} does not answer.`, { cause });
    }
  };
  return {
    get: async (url, bytesMax) => {
      const answer = await call(url, { method: 'GET' });
      if (answer.statusCode === 404) {
        await answer.body.dump();
        return undefined;
      }
      if (answer.statusCode !== 200) throw await refusal(url, answer);
      return readText(url, answer.body, bytesMax);
    },
    put: async (url, text) => {
      const answer = await call(url, { method: 'PUT', body: text });
      if (answer.statusCode < 200 || answer.statusCode > 299) throw await refusal(url, answer);
      await answer.body.dump();
    },
    close: () => dispatcher.close(),
  };
}

async function refusal(url: string, answer: Dispatcher.ResponseData): Promise<Error> {
  await answer.body.dump();
  return unavailable(`${new URL(url).host} answers ${answer.statusCode}.`);
}

async function readText(
  url: string,
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > bytesMax) throw unavailable(`${new URL(url).host} sends more than it should.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
