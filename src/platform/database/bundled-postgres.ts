import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { unavailable } from '../../model/errors.ts';
import { installPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import {
  cannotReach,
  createCluster,
  type PostgresPaths,
  pathsIn,
  refuseOtherMajor,
  SUPERUSER,
} from './postgres-cluster.ts';
import { endPostgresProcesses } from './postgres-processes.ts';
import { type PostgresSettings, postgresSettings } from './postgres-settings.ts';
import { makeSocketFolder, removeSocketFolder } from './postgres-socket.ts';
import { isRoot, serverUser } from './postgres-user.ts';

// Recovery after a crash replays at most max_wal_size; a slow disk needs minutes for that.
const START_MS_MAX = 600_000;
const STOP_PATIENCE_MS = 30_000;
const LOG_BYTES_MAX = 8 * 1024 ** 2;

/**
 * Where a client reaches the server: a folder with its Unix socket. No password: the folder is
 * private.
 */
export type PostgresAddress = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly ssl: false;
};

export type BundledPostgres = {
  readonly address: PostgresAddress;
  /** Processes of a crashed earlier run that were ended before this start. */
  readonly orphansEnded: number;
  /** Settles when the server ended without being asked to. */
  readonly unexpectedEnd: Promise<string>;
  stop(): Promise<void>;
};

export type BundledPostgresOptions = {
  /** The folder this server keeps everything in. The caller holds a lock on it. */
  readonly folder: string;
  readonly settings?: PostgresSettings;
};

function lastLogLines(log: string): string {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join(' | ');
  } catch {
    return '';
  }
}

export function addressIn(socketFolder: string, database = 'postgres'): PostgresAddress {
  // Port and ssl are said outright, else PGPORT or PGSSLMODE in the environment would decide.
  return { host: socketFolder, port: 5432, user: SUPERUSER, database, ssl: false };
}

/**
 * Ends what a crashed run left and clears its traces. PostgreSQL itself trusts a process id in a
 * file, which after a crash may be a zombie's or another program's, and then refuses to start.
 */
async function recoverFromCrash(paths: PostgresPaths): Promise<number> {
  const ended = await endPostgresProcesses(paths.cluster, STOP_PATIENCE_MS);
  rmSync(join(paths.cluster, 'postmaster.pid'), { force: true });
  removeSocketFolder(paths);
  return ended;
}

function spawnPostgres(
  paths: PostgresPaths,
  binaries: PostgresBinaries,
  settings: PostgresSettings,
) {
  const logBytes = statSync(paths.log, { throwIfNoEntry: false })?.size ?? 0;
  if (logBytes > LOG_BYTES_MAX) renameSync(paths.log, `${paths.log}.1`);
  const log = openSync(paths.log, 'a', 0o600);
  const parameters = ['-D', paths.cluster];
  for (const [name, value] of Object.entries(settings)) parameters.push('-c', `${name}=${value}`);
  const child = spawn(binaries.postgres, parameters, {
    ...serverUser(paths.cluster),
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', log, log],
    // Its own session: Ctrl-C at the terminal must not stop it before the server has finished.
    detached: true,
  });
  closeSync(log);
  return child;
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

async function answers(address: PostgresAddress): Promise<boolean> {
  const client = new Client({ ...address, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function waitUntilReady(
  address: PostgresAddress,
  end: Promise<string>,
  paths: PostgresPaths,
) {
  let endedWith: string | undefined;
  void end.then((how) => {
    endedWith = how;
  });
  const until = performance.now() + START_MS_MAX;
  const socket = join(address.host, '.s.PGSQL.5432');
  while (performance.now() < until) {
    if (endedWith !== undefined) {
      if (isRoot() && endedWith.includes('EACCES')) throw cannotReach(paths.folder, endedWith);
      throw unavailable(
        `PostgreSQL did not start (${endedWith}): ${lastLogLines(paths.log)}. Its log is ${paths.log}.`,
        { code: 'postgres-start' },
      );
    }
    if (existsSync(socket) && (await answers(address))) return;
    await wait(10);
  }
  throw unavailable(`PostgreSQL did not get ready in time. Its log is ${paths.log}.`, {
    code: 'postgres-start',
  });
}

/**
 * Starts the PostgreSQL that comes with Wharfinger on its own folder, creating its files the first
 * time, on a Unix socket only and never as root. The caller must hold the lock of the data folder:
 * whatever still runs on the folder is taken for the remains of a crash and ended.
 */
export async function startBundledPostgres(
  options: BundledPostgresOptions,
): Promise<BundledPostgres> {
  const paths = pathsIn(options.folder);
  mkdirSync(paths.folder, { recursive: true });
  // PostgreSQL's user has to walk through; what lies inside is closed to others one by one.
  chmodSync(paths.folder, 0o711);
  if (isRoot()) chmodSync(dirname(paths.folder), statSync(dirname(paths.folder)).mode | 0o011);
  const orphansEnded = await recoverFromCrash(paths);
  const binaries = installPostgresBinaries(paths.folder);
  if (!existsSync(paths.cluster)) await createCluster(paths, binaries);
  refuseOtherMajor(paths, binaries);
  const address = addressIn(makeSocketFolder(serverUser(paths.cluster)));
  writeFileSync(paths.socketNote, `${address.host}\n`, { mode: 0o600 });
  const settings = { ...postgresSettings(address.host), ...options.settings };
  const child = spawnPostgres(paths, binaries, settings);
  const end = ended(child);
  let isStopping = false;
  // A process that exits without stopping first (a second Ctrl-C, a defect) leaves none behind:
  // SIGQUIT ends PostgreSQL at once, and what was acknowledged is in its log.
  const endAtOnce = (): void => {
    child.kill('SIGQUIT');
    removeSocketFolder(paths);
  };
  process.once('exit', endAtOnce);
  const stop = async (): Promise<void> => {
    isStopping = true;
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
    // Covers children that outlived their postmaster, too.
    await Promise.race([end, wait(STOP_PATIENCE_MS, undefined, { ref: false })]);
    await endPostgresProcesses(paths.cluster, 1_000);
    removeSocketFolder(paths);
    process.off('exit', endAtOnce);
  };
  try {
    await waitUntilReady(address, end, paths);
  } catch (error) {
    await stop();
    throw error;
  }
  const unexpectedEnd = new Promise<string>((resolve) => {
    void end.then((how) => {
      if (!isStopping) resolve(how);
    });
  });
  return { address, orphansEnded, unexpectedEnd, stop };
}
