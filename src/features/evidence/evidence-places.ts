import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { NOTE_BYTES_MAX } from '../../formats/signed-note.ts';
import { conflict, Failure, invalid, unavailable } from '../../model/errors.ts';

/** How http(s) places are reached: the server's outbound door, with its rules on addresses. */
export type PlaceHttp = {
  /** Undefined when there is nothing at this address yet (404). */
  readonly get: (url: string, bytesMax: number) => Promise<string | undefined>;
  readonly put: (url: string, text: string) => Promise<void>;
};

/** A place outside the house that keeps checkpoints. */
export type Place = {
  /** The newest checkpoint there; undefined when it has none yet. */
  readonly read: () => Promise<string | undefined>;
  readonly write: (note: string, at: Date) => Promise<void>;
};

/** A folder as an absolute path, or an http(s) address without credentials in it. */
export function checkTarget(target: string): void {
  if (isAbsolute(target) && !target.includes('\0')) return;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid('Name a folder by its whole path, or an address that begins with https://.');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('The address may not hold a user or password.');
  }
}

export function openPlace(target: string, http: PlaceHttp | undefined): Place {
  if (isAbsolute(target)) return folderPlace(target);
  if (http === undefined) throw unavailable('This server makes no outbound HTTP calls.');
  return {
    read: () => http.get(target, NOTE_BYTES_MAX),
    write: (note) => http.put(target, note),
  };
}

/** `checkpoint` is the newest; `<log>.2026-11-22.checkpoint` that log's last of a day, to keep. */
function folderPlace(folder: string): Place {
  return {
    read: () => readNote(join(folder, 'checkpoint')),
    write: async (note, at) => {
      const log = (note.split('\n', 1)[0] ?? '').replaceAll(/[^A-Za-z0-9.-]/g, '_').slice(0, 100);
      const day = at.toISOString().slice(0, 10);
      await writeNote(join(folder, `${log}.${day}.checkpoint`), note);
      await writeNote(join(folder, 'checkpoint'), note);
    },
  };
}

/** A note from a file; undefined when the file is not there. */
export async function readNote(path: string): Promise<string | undefined> {
  try {
    // A pipe or device would hold the reader for ever.
    const found = await stat(path);
    if (!found.isFile() || found.size > NOTE_BYTES_MAX) throw conflict(`${path} is no note.`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    if (errno(cause) === 'ENOENT') return undefined;
    throw unavailable(`${path} cannot be read (${errno(cause)}).`, { cause });
  }
}

/** Writes a note whole or not at all, and onto the disk before it answers. */
export async function writeNote(path: string, note: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    await mkdir(join(path, '..'), { recursive: true });
    await using file = await open(unfinished, 'w', 0o644);
    await file.writeFile(note);
    await file.sync();
    await rename(unfinished, path);
  } catch (cause) {
    throw unavailable(`${path} cannot be written (${errno(cause)}).`, { cause });
  }
}

function errno(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
