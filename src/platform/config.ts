import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Failure, invalid } from '../model/errors.ts';
import { checkDatabaseUrl } from './database/database.ts';

export type ServeConfig = {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** Undefined: the bundled PostgreSQL. */
  readonly databaseUrl: string | undefined;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Where people reach this server: scheme, host and port, without a slash at the end. */
  readonly publicUrl: string;
  /** Names a browser may address this server by, with port. */
  readonly hosts: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly keyFile: string | undefined;
  /** What the evidence log is called from its start; undefined: named by the installation. */
  readonly logOrigin: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly loadsSample: boolean;
  /** The largest file that may be handed in. */
  readonly uploadBytesMax: number;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_PORT = 7420;
const UPLOAD_GIB_MAX = 20;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Wrong use of the command line: exit code 2. */
export function wrongUse(message: string): Failure {
  return invalid(message, { code: 'usage' });
}

const serveOptions = {
  data: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'database-url': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'public-url': { type: 'string' },
  'trusted-proxy': { type: 'string', multiple: true },
  sample: { type: 'boolean' },
} as const;

/** Root has no home for data that PostgreSQL's user could reach, so it gets the usual place. */
export function defaultDataFolder(environment: Environment, isRoot: boolean): string {
  return environment['WHARFINGER_DATA'] ?? (isRoot ? '/var/lib/wharfinger' : './data');
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw wrongUse(`--port must be between 0 and 65535, not ${text}.`);
  return port;
}

/** Whole GiB or a part of one, so that a small disk can be protected too. */
function parseUploadMax(text: string | undefined): number {
  if (text === undefined) return UPLOAD_GIB_MAX * 1024 ** 3;
  const gib = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (gib > 0) return Math.round(gib * 1024 ** 3);
  throw wrongUse('WHARFINGER_UPLOAD_GIB_MAX is a number of GiB such as 20 or 0.5.');
}

function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw wrongUse('--public-url must be an address such as https://wharfinger.example.org.');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw wrongUse('--public-url is scheme, host and port only: nothing after them.');
  }
  return url.origin;
}

/** A key name as signed notes have it (c2sp.org/signed-note), in ASCII. */
function parseLogOrigin(text: string | undefined): string | undefined {
  if (text === undefined || /^[A-Za-z0-9][A-Za-z0-9._/:-]{0,99}$/.test(text)) return text;
  throw wrongUse('WHARFINGER_LOG_ORIGIN is a name such as wharfinger.example.org/evidence/log.');
}

function parseTls(certFile: string | undefined, keyFile: string | undefined) {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw wrongUse('--tls-cert and --tls-key belong together: give both.');
  }
  for (const file of [certFile, keyFile]) {
    if (!existsSync(file)) throw wrongUse(`The file ${file} is not there.`);
  }
  return { certFile, keyFile };
}

function parseFlags(parameters: readonly string[]) {
  try {
    return parseArgs({ args: [...parameters], options: serveOptions, strict: true }).values;
  } catch (error) {
    throw wrongUse(`${(error as Error).message.split('\n')[0]?.split('. To specify')[0]}.`);
  }
}

function withPort(host: string, port: number, isTls: boolean): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (isTls ? 443 : 80) ? name : `${name}:${port}`;
}

/**
 * What `wharfinger serve` runs with: flags first, else the environment (WHARFINGER_HOST …, and
 * DATABASE_URL), else defaults. Anything but this machine needs TLS or a named proxy, and its
 * address: a name is what cookies, links and passkeys hang on.
 */
export function parseServeConfig(
  parameters: readonly string[],
  environment: Environment,
  isRoot: boolean,
): ServeConfig {
  const flags = parseFlags(parameters);
  const setting = (flag: Exclude<keyof typeof flags, 'sample' | 'trusted-proxy'>) =>
    flags[flag] ?? (environment[`WHARFINGER_${flag.toUpperCase().replace('-', '_')}`] || undefined);
  const host = setting('host') ?? 'localhost';
  const port = parsePort(setting('port') ?? String(DEFAULT_PORT));
  const tls = parseTls(setting('tls-cert'), setting('tls-key'));
  const trustedProxies =
    flags['trusted-proxy'] ?? environment['WHARFINGER_TRUSTED_PROXY']?.split(',') ?? [];
  const givenUrl = setting('public-url');
  if (!isLocal(host)) {
    if (tls === undefined && trustedProxies.length === 0) {
      throw wrongUse(
        `--host ${host} opens Wharfinger to the network: give --tls-cert and --tls-key, or ` +
          '--trusted-proxy with the address of the proxy that does TLS.',
      );
    }
    if (givenUrl === undefined) {
      throw wrongUse(`--host ${host} needs --public-url, the address people will open.`);
    }
  }
  const scheme = tls === undefined ? 'http' : 'https';
  const localNames = ['localhost', '127.0.0.1', '::1'].map((name) =>
    withPort(name, port, tls !== undefined),
  );
  const publicUrl =
    givenUrl === undefined ? `${scheme}://${localNames[0]}` : parsePublicUrl(givenUrl);
  const databaseUrl = setting('database-url') ?? (environment['DATABASE_URL'] || undefined);
  if (databaseUrl !== undefined) checkDatabaseUrl(databaseUrl);
  const level = environment['WHARFINGER_LOG'] ?? 'info';
  return {
    dataFolder: setting('data') ?? defaultDataFolder(environment, isRoot),
    host,
    port,
    databaseUrl,
    tls,
    publicUrl,
    hosts: [...new Set([...localNames, new URL(publicUrl).host])],
    trustedProxies: trustedProxies.map((proxy) => proxy.trim()),
    keyFile: environment['WHARFINGER_KEY_FILE'] || undefined,
    logOrigin: parseLogOrigin(environment['WHARFINGER_LOG_ORIGIN'] || undefined),
    logLevel: LOG_LEVELS.find((name) => name === level) ?? 'info',
    loadsSample: flags.sample ?? false,
    uploadBytesMax: parseUploadMax(environment['WHARFINGER_UPLOAD_GIB_MAX'] || undefined),
  };
}
