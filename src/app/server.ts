import { lookup } from 'node:dns/promises';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { unavailable } from '../model/errors.ts';
import { createIds, systemClock } from '../platform/clock.ts';
import type { ServeConfig } from '../platform/config.ts';
import { type DataFolder, openDataFolder, writeWhole } from '../platform/data-folder.ts';
import { migrate } from '../platform/database/migrate.ts';
import { readInstallationId } from '../platform/installation.ts';
import { createJobs } from '../platform/jobs.ts';
import type { Log } from '../platform/log.ts';
import {
  createSecretStore,
  type KeyRing,
  listMissingKeys,
  loadKeyRing,
} from '../platform/secret-store.ts';
import { keepSetting } from '../platform/setting.ts';
import { type App, buildApp } from './app.ts';
import { buildConsole } from './console-build.ts';
import type { Runtime } from './runtime.ts';
import { openStorage } from './storage.ts';
import { wharfingerVersion } from './version.ts';

/** Where the last server said people reach it. */
export const PUBLIC_URL_SETTING = 'public-url';

export type RunningServer = {
  readonly url: string;
  /** The one-time link while nobody is set up, and the file that holds it. */
  readonly setUpLink: string | undefined;
  readonly setUpLinkFile: string;
  /** Settles with a reason when the server cannot go on. */
  readonly failure: Promise<string>;
  /** Stops everything in order; safe to call twice. */
  stop(): Promise<void>;
};

/**
 * Finds out early, before anything was started, that the port is taken; on every address of the
 * name, since localhost is two and a browser may try either.
 */
async function checkPort(config: ServeConfig): Promise<void> {
  try {
    const addresses = await lookup(config.host, { all: true });
    for (const { address } of addresses) {
      await new Promise<void>((resolve, reject) => {
        const probe = createServer();
        probe.once('error', reject);
        probe.listen(config.port, address, () => probe.close(() => resolve()));
      });
    }
  } catch (error) {
    throw listenFailure(config, error);
  }
}

function listenFailure(config: ServeConfig, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'EADDRINUSE') {
    return unavailable(
      `Port ${config.port} on ${config.host} is taken by another program: stop it, or choose another with --port.`,
      { code: 'port-taken', cause },
    );
  }
  if (code === 'EACCES') {
    return unavailable(`Port ${config.port} needs more rights: choose one from 1024 with --port.`, {
      code: 'port-forbidden',
      cause,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return unavailable(`${config.host} is not an address of this machine: check --host.`, {
      code: 'host-unknown',
      cause,
    });
  }
  return cause;
}

function openKeys(config: ServeConfig, folder: DataFolder): KeyRing {
  return config.keyFile === undefined
    ? loadKeyRing(folder.paths.keyFile, 'create')
    : loadKeyRing(config.keyFile, 'must-exist');
}

/** Read before anything starts: a wrong file is the operator's to mend, and quick to say. */
function readTls(config: ServeConfig): { cert: Buffer; key: Buffer } | undefined {
  if (config.tls === undefined) return undefined;
  const { certFile, keyFile } = config.tls;
  try {
    const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    createSecureContext(tls);
    return tls;
  } catch (cause) {
    throw unavailable(
      `${certFile} and ${keyFile} must be a certificate and its key, as PEM files this user can read.`,
      { code: 'tls-files', cause },
    );
  }
}

async function listen(app: App, config: ServeConfig): Promise<void> {
  try {
    await app.http.listen({ host: config.host, port: config.port });
  } catch (error) {
    throw listenFailure(config, error);
  }
}

/** The link lies in a file only its user can read, until somebody is set up. */
async function publishSetUpLink(app: App, file: string): Promise<string | undefined> {
  const link = await app.createSetUpLink();
  if (link === undefined) rmSync(file, { force: true });
  else writeWhole(file, `${link}\n`);
  return link;
}

async function prepare(
  config: ServeConfig,
  log: Log,
  stack: AsyncDisposableStack,
  fail: (reason: string) => void,
): Promise<Runtime> {
  const version = wharfingerVersion();
  const folder = openDataFolder(config.dataFolder, version);
  stack.defer(() => folder.release());
  const keys = openKeys(config, folder);
  // Vite needs a second or two the first time; the database starts meanwhile.
  const giveUp = new AbortController();
  stack.defer(() => giveUp.abort());
  const building = buildConsole(folder.paths.console, log, giveUp.signal);
  building.catch(() => {});
  const storage = await openStorage(folder.paths.postgres, config.databaseUrl, log);
  stack.defer(() => storage.close());
  const { database, postgres } = storage;
  void postgres?.unexpectedEnd.then((how) => fail(`PostgreSQL ended by itself (${how}).`));
  const applied = await migrate(database);
  if (applied.length > 0) log.info('Brought the database up to date.', { steps: applied.length });
  const missing = await listMissingKeys(database.pool, keys);
  if (missing.length > 0) {
    throw unavailable(
      `Stored secrets need the key ${missing.join(', ')}, which the key file does not hold: put ` +
        'back the file that belongs to this data.',
      { code: 'key-missing' },
    );
  }
  const ids = createIds(systemClock);
  const reasons = new Set(['The server is starting.']);
  const runtime: Runtime = {
    config,
    paths: folder.paths,
    version,
    installationId: await readInstallationId(database.pool),
    database,
    jobs: createJobs(database, log),
    secrets: createSecretStore(keys, ids),
    clock: systemClock,
    ids,
    log,
    consoleFolder: await building,
    notReady: () => [...reasons],
  };
  const url = config.publicUrl;
  // `wharfinger owner-link` makes links to it when no server runs.
  await keepSetting(database.kysely, PUBLIC_URL_SETTING, url);
  folder.announce({ processId: process.pid, url, version });
  stack.defer(() => {
    reasons.add('The server is stopping.');
  });
  reasons.clear();
  return runtime;
}

/**
 * Starts everything in order and answers when the server is ready: data folder, database,
 * migrations, console, application, jobs, listening. Whatever fails half way is taken down again.
 */
export async function startServer(config: ServeConfig, log: Log): Promise<RunningServer> {
  const tls = readTls(config);
  await checkPort(config);
  await using stack = new AsyncDisposableStack();
  let fail: (reason: string) => void = () => {};
  const failure = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const runtime = await prepare(config, log, stack, fail);
  const app = await buildApp(runtime, tls);
  stack.defer(() => runtime.jobs.stop());
  stack.defer(() => app.stop());
  await runtime.jobs.start();
  const setUpLinkFile = runtime.paths.setUpLink;
  const setUpLink = await publishSetUpLink(app, setUpLinkFile);
  stack.defer(() => app.http.close());
  await listen(app, config);
  await app.start();
  const owned = stack.move();
  let stopping: Promise<void> | undefined;
  return {
    url: config.publicUrl,
    setUpLink,
    setUpLinkFile,
    failure,
    stop: () => {
      stopping ??= owned.disposeAsync();
      return stopping;
    },
  };
}
