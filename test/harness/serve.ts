import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dataPaths } from '../../src/platform/data-folder.ts';
import { addressIn } from '../../src/platform/database/bundled-postgres.ts';
import {
  listPostgresProcesses,
  signalPostgresProcesses,
} from '../../src/platform/database/postgres-processes.ts';
import { readSocketFolder } from '../../src/platform/database/postgres-socket.ts';

export const PROJECT = resolve(import.meta.dirname, '../..');

export type ServeOptions = {
  readonly data: string;
  readonly port: number;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly project?: string;
};

export type Served = {
  readonly process: ChildProcess;
  readonly url: string;
  output(): string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
};

/** A folder that PostgreSQL's user can enter, also when the tests run as root. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync('/tmp/wharfinger-serve-');
  chmodSync(path, 0o711);
  const remove = (): void => {
    // A server that a test killed leaves its socket folder to the next start, which never comes.
    for (const name of readdirSync(path)) {
      const socketFolder = readSocketFolder(dataPaths(join(path, name)).postgres);
      if (socketFolder !== undefined) rmSync(socketFolder, { recursive: true, force: true });
    }
    rmSync(path, { recursive: true, force: true });
  };
  return { path, remove };
}

/** A port nobody has right now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, 'localhost', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts the real command line; nothing of it runs in this process. */
export function startServe(options: ServeOptions): Served {
  const command = join(options.project ?? PROJECT, 'bin/wharfinger');
  const parameters = ['serve', '--data', options.data, '--port', String(options.port)];
  const child = spawn(command, [...parameters, ...(options.flags ?? [])], {
    ...options.user,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const keep = (chunk: Buffer): void => {
    text += chunk.toString('utf8');
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | NodeJS.Signals | null>((done) => {
    child.once('close', (code, signal) => done(signal ?? code));
  });
  return {
    process: child,
    url: `http://localhost:${options.port}`,
    output: () => text,
    ended,
  };
}

/** Waits for the ready line; an earlier end fails with what the server said. */
export async function untilReady(served: Served): Promise<Served> {
  const hasEnded = served.ended.then(() => 'ended' as const);
  while (!served.output().includes('is ready at')) {
    if ((await Promise.race([hasEnded, wait(20)])) === 'ended') throw new Error(served.output());
  }
  return served;
}

export async function stopServe(served: Served): Promise<number | NodeJS.Signals | null> {
  served.process.kill('SIGTERM');
  return served.ended;
}

export function clusterOf(data: string): string {
  return join(dataPaths(data).postgres, 'cluster');
}

export function postgresProcessesOf(data: string): readonly number[] {
  return listPostgresProcesses(clusterOf(data));
}

export function killPostgresOf(data: string): void {
  signalPostgresProcesses(clusterOf(data), 'SIGKILL');
}

/** Where the bundled PostgreSQL of a running server listens. */
export function databaseAddressOf(data: string) {
  const folder = readSocketFolder(dataPaths(data).postgres);
  if (folder === undefined) throw new Error('No server runs on that folder.');
  return addressIn(folder);
}
