import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { lookupAllowed } from './address-rule.ts';

export type DispatcherOptions = {
  /** PEM of an authority that is trusted beside the usual ones. */
  readonly ca?: string;
  readonly connections: number;
  readonly headersMs: number;
  readonly stallMs: number;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

const CONNECT_MS_MAX = 10_000;
const HEADERS_BYTES_MAX = 64 * 1024;

/** Connections to the outside: checked addresses, a private CA, a proxy where one is set. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { environment } = options;
  const proxyOf = (name: string) => environment[name.toLowerCase()] || environment[name];
  const httpProxy = proxyOf('HTTP_PROXY');
  const httpsProxy = proxyOf('HTTPS_PROXY');
  const ca = options.ca === undefined ? {} : { ca: [...getCACertificates(), options.ca] };
  const connect = { lookup: lookupAllowed as never, timeout: CONNECT_MS_MAX, ...ca };
  const limits = {
    connections: options.connections,
    headersTimeout: options.headersMs,
    bodyTimeout: options.stallMs,
    maxHeaderSize: HEADERS_BYTES_MAX,
    connect,
  };
  if (httpProxy === undefined && httpsProxy === undefined) return new Agent(limits);
  return new EnvHttpProxyAgent({
    ...limits,
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    noProxy: proxyOf('NO_PROXY') ?? '',
    // The proxy resolves the name, so only its own address can be checked here.
    proxyTls: { lookup: lookupAllowed, ...ca },
    requestTls: ca,
  });
}
