import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import {
  addressIn,
  type BundledPostgres,
  startBundledPostgres,
} from '../../src/platform/database/bundled-postgres.ts';
import { openDatabase } from '../../src/platform/database/database.ts';
import { migrate } from '../../src/platform/database/migrate.ts';
import { pathsIn } from '../../src/platform/database/postgres-cluster.ts';
import { endPostgresProcesses } from '../../src/platform/database/postgres-processes.ts';
import { VOLATILE_SETTINGS } from '../../src/platform/database/postgres-settings.ts';
import { removeSocketFolder } from '../../src/platform/database/postgres-socket.ts';
import { type FileLock, takeFileLock } from '../../src/platform/file-lock.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseDoor: string;
  }
}

export const TEMPLATE_DATABASE = 'wharfinger_template';

// Short (a socket lies in it), and open to PostgreSQL's user when the tests run as root.
const PARENT = '/tmp';
const PREFIX = 'wharfinger-test-';

/** Ends servers and removes folders of runs that were killed; a living run holds its lock. */
async function sweepRunsThatDied(): Promise<void> {
  for (const entry of readdirSync(PARENT)) {
    const folder = join(PARENT, entry);
    if (!entry.startsWith(PREFIX) || !existsSync(join(folder, 'lock'))) continue;
    try {
      const lock = takeFileLock(join(folder, 'lock'));
      if (lock === undefined) continue;
      await endPostgresProcesses(join(folder, 'postgres/cluster'), 1_000);
      removeSocketFolder(pathsIn(join(folder, 'postgres')));
      rmSync(folder, { recursive: true, force: true });
      lock.release();
    } catch {
      // Another user's, or going away right now.
    }
  }
}

/**
 * Another run's sweep may take a new folder between its making and its locking: then a next one.
 */
function makeRunFolder(): { folder: string; lock: FileLock } {
  for (let attempt = 0; attempt < 10; attempt++) {
    const folder = mkdtempSync(join(PARENT, PREFIX));
    try {
      const lock = takeFileLock(join(folder, 'lock'));
      if (lock !== undefined) return { folder, lock };
    } catch {
      // Swept away.
    }
  }
  throw new Error('There is no folder for the test database.');
}

async function startServer(folder: string): Promise<BundledPostgres> {
  const server = await startBundledPostgres({
    folder: join(folder, 'postgres'),
    settings: VOLATILE_SETTINGS,
  });
  const admin = openDatabase(server.address);
  await admin.pool.query(`create database ${TEMPLATE_DATABASE}`);
  await admin.close();
  const template = openDatabase(addressIn(server.address.host, TEMPLATE_DATABASE));
  await migrate(template);
  await template.close();
  return server;
}

/**
 * Vitest's global set-up: one PostgreSQL for the whole run, started only when the first suite asks
 * at the door, so that a run of parser tests pays nothing for it.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepRunsThatDied();
  const { folder, lock } = makeRunFolder();
  let starting: Promise<BundledPostgres> | undefined;
  const door = createServer((connection) => {
    connection.on('error', () => {});
    starting ??= startServer(folder);
    starting.then(
      (server) => connection.end(server.address.host),
      (error: unknown) => connection.end(String(error)),
    );
  });
  const path = join(folder, 'door');
  await new Promise<void>((resolve) => door.listen(path, resolve));
  project.provide('databaseDoor', path);
  return async () => {
    door.close();
    await starting?.then(
      (server) => server.stop(),
      () => {},
    );
    rmSync(folder, { recursive: true, force: true });
    lock.release();
  };
}
