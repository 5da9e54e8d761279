import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayerCache } from './layer-cache.ts';

/** A layer's record takes up to a few megabytes: this keeps some hundreds of layers. */
export const CACHE_BYTES_MAX = 512 * 1024 * 1024;
const RECORD_BYTES_MAX = 256 * 1024 * 1024;
const CHECKSUM_BYTES = 32;
/** Temporary files of writers that died. */
const STALE_MILLISECONDS = 60 * 60 * 1000;
/** A record's time of use is only written when it is this old: reading should not cost a write. */
const TOUCH_MILLISECONDS = 60 * 60 * 1000;

/**
 * Keeps layer records as files, each with a checksum in front, written whole or not at all. Entries
 * that are damaged are taken for absent. The least recently used go when it grows over `bytesMax`.
 * Several processes may share one folder.
 */
export function makeFolderLayerCache(folder: string, bytesMax = CACHE_BYTES_MAX): LayerCache {
  const pathOf = (key: string) =>
    join(folder, `${createHash('sha256').update(key).digest('hex')}.layer`);
  return {
    get: async (key) => {
      try {
        return await readEntry(pathOf(key), key);
      } catch {
        return undefined;
      }
    },
    put: async (key, record) => {
      if (record.byteLength > RECORD_BYTES_MAX) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeEntry(folder, pathOf(key), key, record);
      await evict(folder, bytesMax);
    },
  };
}

/** The key is part of the checksum, so that a file under another's name is no answer. */
function checksum(key: string, record: Uint8Array): Buffer {
  return createHash('sha256').update(`${key}\0`).update(record).digest();
}

async function readEntry(path: string, key: string): Promise<ArrayBuffer | undefined> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size, mtimeMs } = await file.stat();
  if (size < CHECKSUM_BYTES || size > RECORD_BYTES_MAX + CHECKSUM_BYTES) return undefined;
  const entry = Buffer.allocUnsafeSlow(size);
  const { bytesRead } = await file.read(entry, 0, size, 0);
  const record = entry.subarray(CHECKSUM_BYTES);
  if (bytesRead !== size || !checksum(key, record).equals(entry.subarray(0, CHECKSUM_BYTES))) {
    return undefined;
  }
  const now = Date.now();
  if (now - mtimeMs > TOUCH_MILLISECONDS) await file.utimes(now / 1000, now / 1000);
  // The checksum is 32 bytes, so what follows stays aligned for the numbers in it.
  return entry.buffer.slice(entry.byteOffset + CHECKSUM_BYTES, entry.byteOffset + size);
}

async function writeEntry(
  folder: string,
  path: string,
  key: string,
  record: ArrayBuffer,
): Promise<void> {
  const temporary = join(folder, `${randomBytes(8).toString('hex')}.tmp`);
  try {
    await using file = await open(temporary, 'wx', 0o600);
    const bytes = new Uint8Array(record);
    await file.writev([checksum(key, bytes), bytes]);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function evict(folder: string, bytesMax: number): Promise<void> {
  const entries: { path: string; size: number; used: number }[] = [];
  let total = 0;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // Another process may have taken it away meanwhile.
    const about = await stat(path).catch(() => undefined);
    if (about === undefined || !about.isFile()) continue;
    if (name.endsWith('.tmp')) {
      if (Date.now() - about.mtimeMs > STALE_MILLISECONDS) await rm(path, { force: true });
    } else if (name.endsWith('.layer')) {
      entries.push({ path, size: about.size, used: about.mtimeMs });
      total += about.size;
    }
  }
  entries.sort((a, b) => a.used - b.used);
  for (const { path, size } of entries) {
    if (total <= bytesMax) return;
    await rm(path, { force: true });
    total -= size;
  }
}
