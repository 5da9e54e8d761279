import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { conflict, type Failure, unavailable } from '../model/errors.ts';
import { type FileLock, takeFileLock } from './file-lock.ts';

/** Grows when a release lays the folder out so differently that an older one must not touch it. */
const LAYOUT = 1;

/** What a running server says about itself to other commands of the same machine. */
export type ServerNotice = {
  readonly processId: number;
  readonly url: string;
  readonly version: string;
};

export type DataFolder = {
  readonly path: string;
  readonly paths: DataPaths;
  /** Tells other commands that this server runs; until `release`. */
  announce(notice: ServerNotice): void;
  release(): void;
};

export type DataPaths = {
  readonly postgres: string;
  readonly keyFile: string;
  readonly console: string;
  readonly cache: string;
  readonly setUpLink: string;
  readonly notice: string;
  /** Files that people handed in, until they were read. */
  readonly uploads: string;
};

export function dataPaths(path: string): DataPaths {
  return {
    postgres: join(path, 'postgres'),
    keyFile: join(path, 'keys/secret.key'),
    console: join(path, 'console'),
    cache: join(path, 'cache'),
    setUpLink: join(path, 'set-up-link'),
    notice: join(path, 'server.json'),
    uploads: join(path, 'uploads'),
  };
}

/**
 * Not mkdir's own `recursive`, which never comes back where the kernel says ENOENT, as in /proc.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (path !== dirname(path)) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o711 });
}

function errnoOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function unwritable(path: string, cause: unknown): Failure {
  return unavailable(
    `The data folder ${path} cannot be written (${errnoOf(cause)}): choose another with --data, or ` +
      'give it to the user who runs Wharfinger.',
    { code: 'data-unwritable', cause },
  );
}

/** Writes the whole file or nothing: a crash half way leaves the old one. */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.unfinished`;
  writeFileSync(unfinished, text, { mode: 0o600, flush: true });
  renameSync(unfinished, path);
}

export function readServerNotice(path: string): ServerNotice | undefined {
  try {
    return JSON.parse(readFileSync(dataPaths(path).notice, 'utf8')) as ServerNotice;
  } catch {
    return undefined;
  }
}

function refuseInUse(path: string): never {
  const notice = readServerNotice(path);
  const by = notice === undefined ? '' : ` (process ${notice.processId}, ${notice.url})`;
  throw conflict(`The data folder ${path} is in use by another Wharfinger${by}.`, {
    code: 'data-in-use',
  });
}

function takeLock(path: string): FileLock {
  try {
    return takeFileLock(join(path, 'lock')) ?? refuseInUse(path);
  } catch (error) {
    // SQLite's own words for a folder it may not write are no help to a person.
    if (errnoOf(error).startsWith('ERR_SQLITE')) throw unwritable(path, { code: 'EACCES' });
    throw error;
  }
}

function checkStamp(path: string, version: string): void {
  const stampFile = join(path, 'version.json');
  if (existsSync(stampFile)) {
    let stamp: { layout?: unknown; version?: unknown } = {};
    try {
      stamp = JSON.parse(readFileSync(stampFile, 'utf8'));
    } catch (cause) {
      throw unavailable(`The file ${stampFile} cannot be read: restore it from a backup.`, {
        cause,
      });
    }
    if (typeof stamp.layout !== 'number' || stamp.layout > LAYOUT) {
      throw unavailable(
        `The data folder ${path} was written by a newer version of Wharfinger (${String(stamp.version)}): ` +
          'start that version.',
        { code: 'data-newer' },
      );
    }
    if (stamp.layout === LAYOUT && stamp.version === version) return;
  }
  writeWhole(stampFile, `${JSON.stringify({ layout: LAYOUT, version })}\n`);
}

/**
 * Opens the data folder for this process alone, making it the first time. Everything in it but the
 * way to PostgreSQL's files is closed to other users.
 */
export function openDataFolder(given: string, version: string): DataFolder {
  const path = resolve(given);
  const paths = dataPaths(path);
  try {
    // 0711: PostgreSQL's user passes through when the server was started by root.
    makeFolder(path);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
  const lock = takeLock(path);
  try {
    checkStamp(path, version);
    rmSync(paths.notice, { force: true });
  } catch (error) {
    lock.release();
    throw errnoOf(error).startsWith('E') && !(error instanceof RangeError)
      ? unwritable(path, error)
      : error;
  }
  return {
    path,
    paths,
    announce: (notice) => writeWhole(paths.notice, `${JSON.stringify(notice)}\n`),
    release: () => {
      rmSync(paths.notice, { force: true });
      lock.release();
    },
  };
}
