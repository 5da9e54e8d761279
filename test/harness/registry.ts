import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { getPartPath } from './find-part.ts';

export const registryUser = 'ada';
export const registryPassword = 'mooring-line';
// bcrypt of the password above, the only kind the registry takes; made with crypt(3).
const htpasswdLine = `${registryUser}:$2b$05$abcdefghijklmnopqrstuO1f4eQz7lVVN3UWNcQqWmcUtN85HK3Uy\n`;

export const tokenService = 'wharf-registry';
export const tokenIssuer = 'wharf-tokens';

const readyWithinMs = 15_000;

export type RegistryOptions = {
  /** Asks for `registryUser` and `registryPassword`. */
  readonly signIn?: boolean;
  /** Serves with a certificate of its own authority for localhost and 127.0.0.1. */
  readonly tls?: boolean;
  /** Takes the tokens of this service, as a public registry does. */
  readonly tokens?: { readonly realm: string; readonly certificate: string };
  /** Which program: Debian's 2.8, or an optional one of today. */
  readonly program?: 'docker-registry' | 'registry-v3';
};

export type TestRegistry = {
  /** `127.0.0.1:41237`, as an image's name begins. */
  readonly host: string;
  readonly url: string;
  /** The certificate of its authority, in PEM, when it speaks TLS. */
  readonly authority?: string;
  readonly stop: () => Promise<void>;
};

/** Starts a real registry on a free port of the loopback, with its storage in a private folder. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const authority = options.tls === true ? makeCertificates(folder) : undefined;
  const config = join(folder, 'config.yml');
  writeFileSync(config, configuration(folder, host, options));
  const log = openSync(join(folder, 'log'), 'a');
  const child = spawn(getPartPath(options.program ?? 'docker-registry'), ['serve', config], {
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' },
  });
  closeSync(log);
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `${authority === undefined ? 'http' : 'https'}://${host}`;
  if (!(await isReady(child, url, authority))) {
    const said = readFileSync(join(folder, 'log'), 'utf8').slice(-1_000);
    await stop();
    throw new Error(`The registry does not answer: ${said}`);
  }
  return { host, url, ...(authority === undefined ? {} : { authority }), stop };
}

/** A registry in memory with the referrers API of distribution-spec 1.1. */
export async function startReferrersRegistry(): Promise<TestRegistry> {
  const host = `127.0.0.1:${await freePort()}`;
  const child = spawn(getPartPath('referrers-registry'), [host], { stdio: 'ignore' });
  const url = `http://${host}`;
  const stop = (): Promise<void> => end(child);
  if (await isReady(child, url, undefined)) return { host, url, stop };
  await stop();
  throw new Error('The registry with referrers does not answer.');
}

function configuration(folder: string, host: string, options: RegistryOptions): string {
  const lines = [
    'version: 0.1',
    'log: { level: warn }',
    'storage:',
    `  filesystem: { rootdirectory: ${join(folder, 'storage')} }`,
    '  delete: { enabled: true }',
    'http:',
    `  addr: ${host}`,
  ];
  if (options.tls === true) {
    lines.push(`  tls: { certificate: ${join(folder, 'server.pem')}, key: ${folder}/server.key }`);
  }
  if (options.signIn === true) {
    writeFileSync(join(folder, 'htpasswd'), htpasswdLine);
    lines.push(`auth: { htpasswd: { realm: wharf, path: ${join(folder, 'htpasswd')} } }`);
  }
  if (options.tokens !== undefined) {
    const roots = join(folder, 'tokens.pem');
    writeFileSync(roots, options.tokens.certificate);
    const service = `service: ${tokenService}, issuer: ${tokenIssuer}`;
    lines.push(
      `auth: { token: { realm: "${options.tokens.realm}", ${service}, rootcertbundle: ${roots} } }`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** An authority and a certificate of it, made by openssl; returns the authority's. */
export function makeCertificates(folder: string): string {
  const openssl = (...args: string[]): void => {
    execFileSync(getPartPath('openssl'), args, { cwd: folder, stdio: 'pipe' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const authority = ['-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Wharf test authority'];
  openssl('req', '-x509', ...key, ...authority, '-days', '2');
  const asked = ['-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost'];
  openssl('req', ...key, ...asked);
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', ...signer, '-days', '2', '-out', 'server.pem');
  return readFileSync(join(folder, 'ca.pem'), 'utf8');
}

async function isReady(
  child: ChildProcess,
  url: string,
  authority: string | undefined,
): Promise<boolean> {
  const agent = new Agent({ connect: authority === undefined ? {} : { ca: authority } });
  const until = performance.now() + readyWithinMs;
  try {
    while (performance.now() < until && child.exitCode === null && child.pid !== undefined) {
      const status = await request(`${url}/v2/`, { dispatcher: agent }).then(
        async (response) => {
          await response.body.dump();
          return response.statusCode;
        },
        () => 0,
      );
      if (status === 200 || status === 401) return true;
      await delay(50);
    }
    return false;
  } finally {
    await agent.close();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
