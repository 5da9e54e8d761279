import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from '../../model/errors.ts';
import { type PostgresPaths, pathsIn } from './postgres-cluster.ts';
import { giveTo, isRoot, type ProcessUser } from './postgres-user.ts';

// sun_path holds 108 bytes with its closing zero (unix(7)), less "/.s.PGSQL.5432.lock".
const SOCKET_FOLDER_BYTES_MAX = 85;

/**
 * A short private folder for the socket. Not inside the data folder, whose path may be too long and
 * whose file system may know no sockets.
 */
export function makeSocketFolder(user: ProcessUser): string {
  const candidates = [isRoot() ? '/run' : process.env['XDG_RUNTIME_DIR'], '/tmp', '/var/tmp'];
  for (const parent of candidates) {
    if (parent === undefined || Buffer.byteLength(parent) > SOCKET_FOLDER_BYTES_MAX) continue;
    try {
      const folder = mkdtempSync(join(parent, 'wharfinger-'));
      giveTo(folder, user);
      return folder;
    } catch {
      // Not there, not writable or read-only: the next one.
    }
  }
  throw unavailable("There is no folder for PostgreSQL's socket: /tmp must be writable.", {
    code: 'postgres-no-socket-folder',
  });
}

export function removeSocketFolder(paths: PostgresPaths): void {
  const noted = readSocketFolder(paths.folder);
  if (noted !== undefined) rmSync(noted, { recursive: true, force: true });
  rmSync(paths.socketNote, { force: true });
}

/** The socket folder of the server that runs on `folder`, if one does. */
export function readSocketFolder(folder: string): string | undefined {
  try {
    const noted = readFileSync(pathsIn(folder).socketNote, 'utf8').trim();
    // Only ever what makeSocketFolder made: this path gets removed.
    return /^\/[\w./-]+\/wharfinger-[A-Za-z0-9]{6}$/.test(noted) ? noted : undefined;
  } catch {
    return undefined;
  }
}
