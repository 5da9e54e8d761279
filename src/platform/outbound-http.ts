import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { unavailable } from '../model/errors.ts';

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

const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('224.0.0.0', 4, 'ipv4');
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');
refused.addAddress('::', 'ipv6');
// Where AWS answers with credentials on IPv6; not link-local by number, but by use.
refused.addAddress('fd00:ec2::254', 'ipv6');

/** Whether an operator may send a call to this IP address; IPv4 inside IPv6 counts as IPv4. */
export function mayCallAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !refused.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

type LookupDone = (error: Error | null, addresses: LookupAddress[]) => void;

/** Resolves a name and gives the connection only addresses that it may go to. */
function lookupAllowed(hostname: string, options: object, done: LookupDone): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const allowed = (addresses ?? []).filter(({ address }) => mayCallAddress(address));
    if (error !== null) done(error, []);
    else if (allowed.length === 0) done(new Error('The address is link-local.'), []);
    else done(null, allowed);
  });
}

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
    const { hostname, host } = new URL(url);
    // A number in the address is never looked up, so it is checked here.
    const literal = hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !mayCallAddress(literal)) {
      throw unavailable(`${host} is a link-local address, which is never called.`);
    }
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
