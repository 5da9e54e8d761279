import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { addressIn, type PostgresAddress } from '../../src/platform/database/bundled-postgres.ts';

const DEBIAN_FOLDER = '/usr/lib/postgresql';

/**
 * A PostgreSQL of another major version than the bundled one, as Debian's package postgresql has
 * it.
 */
export function otherPostgresFolder(): string | undefined {
  if (!existsSync(DEBIAN_FOLDER)) return undefined;
  const majors = readdirSync(DEBIAN_FOLDER).filter((major) => Number(major) >= 15);
  return majors
    .map((major) => join(DEBIAN_FOLDER, major, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')) && !folder.includes('/18/'));
}

export type OtherPostgres = { readonly address: PostgresAddress; stop(): Promise<void> };

/** Starts it on a fresh cluster with one empty database, as root or as an ordinary user. */
export async function startOtherPostgres(binaries: string): Promise<OtherPostgres> {
  const folder = mkdtempSync('/tmp/wharfinger-other-');
  const user = process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
  const cluster = join(folder, 'cluster');
  const socket = join(folder, 'socket');
  chmodSync(folder, 0o711);
  for (const path of [cluster, socket]) {
    mkdirSync(path, { mode: 0o700 });
    if (user !== undefined) chownSync(path, user.uid, user.gid);
  }
  const parameters = ['-D', cluster, '-U', 'wharfinger', '-A', 'trust', '-E', 'UTF8', '-N'];
  const made = spawnSync(join(binaries, 'initdb'), [...parameters, '--locale=C'], {
    ...user,
    cwd: '/',
  });
  if (made.status !== 0) throw new Error(made.stderr.toString());
  const settings = ['listen_addresses=', `unix_socket_directories=${socket}`, 'fsync=off'];
  const child = spawn(
    join(binaries, 'postgres'),
    ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])],
    { ...user, cwd: '/', stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  while (!existsSync(join(socket, '.s.PGSQL.5432'))) {
    if (child.exitCode !== null) throw new Error('The other PostgreSQL did not start.');
    await wait(20);
  }
  return {
    address: addressIn(socket),
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
