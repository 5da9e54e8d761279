import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import type { z } from 'zod';
import { tarPaddingBytes } from '../../formats/evidence-export.ts';
import { BLOCK, isZeroBlock, parseHeader } from '../../formats/tar-header.ts';
import { invalid } from '../../model/errors.ts';
import {
  type BackupContents,
  type BackupHead,
  CONTENTS_NAME,
  contentsSchema,
  HEAD_BYTES_MAX,
  HEAD_NAME,
  headSchema,
  KEY_NAME,
  PIECE_BYTES_MAX,
  pieceName,
  tableName,
} from './backup-format.ts';

export type BackupEntry = { readonly name: string; readonly at: number; readonly size: number };

/** A backup that was read once from end to end and found whole and unchanged. */
export type CheckedBackup = {
  readonly head: BackupHead;
  readonly contents: BackupContents;
  readonly keyFile: string | undefined;
  /** The uncompressed pieces of a table, in order. */
  pieces(table: string): AsyncGenerator<Buffer>;
};

const ENTRIES_MAX = 5_000_000;
// A piece that zstd cannot shrink grows by its frame.
const STORED_BYTES_MAX = PIECE_BYTES_MAX + 64 * 1024;

function damaged(what: string): Error {
  return invalid(`The backup is damaged: ${what}.`, { code: 'backup-damaged' });
}

async function readExactly(file: FileHandle, at: number, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await file.read(bytes, done, size - done, at + done);
    if (bytesRead === 0) throw damaged('it ends too early');
    done += bytesRead;
  }
  return bytes;
}

function entryOf(block: Buffer, at: number): BackupEntry {
  try {
    const { name, size, type } = parseHeader(block);
    if (type === '0') return { name: name.toString('utf8'), at: at + BLOCK, size };
  } catch {
    // Said below.
  }
  if (at === 0) throw invalid('The file is not a backup of Wharfinger.', { code: 'not-a-backup' });
  throw damaged(`at byte ${at} there is no entry`);
}

async function listEntries(file: FileHandle): Promise<Map<string, BackupEntry>> {
  const entries = new Map<string, BackupEntry>();
  for (let at = 0; entries.size <= ENTRIES_MAX; ) {
    const block = await readExactly(file, at, BLOCK);
    if (isZeroBlock(block) && at > 0) return entries;
    const entry = entryOf(block, at);
    const sizeMax = entry.name.startsWith('tables/') ? STORED_BYTES_MAX : HEAD_BYTES_MAX;
    if (entry.size > sizeMax || entries.has(entry.name)) throw damaged(`at byte ${at}`);
    entries.set(entry.name, entry);
    at = entry.at + entry.size + tarPaddingBytes(entry.size);
  }
  throw damaged('it has too many entries');
}

function parse<T>(schema: z.ZodType<T>, bytes: Buffer, name: string): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw damaged(`${name} is not JSON`);
  }
  const format = typeof value === 'object' && value !== null && 'format' in value && value.format;
  if (typeof format === 'number' && format > 1) {
    throw invalid('The backup was made by a newer version of Wharfinger: use that version.', {
      code: 'backup-newer',
    });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw damaged(`${name} is not as it must be`);
  return parsed.data;
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function checkTables(backup: CheckedBackup): Promise<void> {
  const promised = new Set(backup.head.tables.map(tableName));
  for (const { table, bytes, sha256 } of backup.contents.tables) {
    if (!promised.delete(table)) throw damaged(`${table} is not among its tables`);
    const hash = createHash('sha256');
    let seen = 0;
    for await (const piece of backup.pieces(table)) {
      hash.update(piece);
      seen += piece.length;
    }
    if (seen !== bytes || hash.digest('hex') !== sha256)
      throw damaged(`the table ${table} changed`);
  }
  if (promised.size > 0) throw damaged(`the table ${[...promised][0]} is missing`);
}

/**
 * Reads a whole backup and checks every digest before anything is restored from it. The digests say
 * that it is undamaged, not who made it: a backup is as trustworthy as the place it was kept.
 */
export async function checkBackup(file: FileHandle): Promise<CheckedBackup> {
  const entries = await listEntries(file);
  const bytesOf = async (name: string): Promise<Buffer> => {
    const entry = entries.get(name);
    if (entry === undefined) {
      throw name === CONTENTS_NAME
        ? damaged('its end is missing, so it was never finished')
        : damaged(`${name} is missing`);
    }
    return readExactly(file, entry.at, entry.size);
  };
  const headBytes = await bytesOf(HEAD_NAME);
  const head = parse(headSchema, headBytes, HEAD_NAME);
  const contents = parse(contentsSchema, await bytesOf(CONTENTS_NAME), CONTENTS_NAME);
  if (digestOf(headBytes) !== contents.headSha256) throw damaged(`${HEAD_NAME} changed`);
  const keyBytes = head.keys.included ? await bytesOf(KEY_NAME) : undefined;
  if (keyBytes !== undefined && digestOf(keyBytes) !== contents.keySha256) {
    throw damaged(`${KEY_NAME} changed`);
  }
  const piecesOf = new Map(contents.tables.map((table) => [table.table, table.pieces]));
  const backup: CheckedBackup = {
    head,
    contents,
    keyFile: keyBytes?.toString('utf8'),
    pieces: async function* (table) {
      for (let piece = 1; piece <= (piecesOf.get(table) ?? 0); piece++) {
        const stored = await bytesOf(pieceName(table, piece));
        try {
          yield zstdDecompressSync(stored, { maxOutputLength: PIECE_BYTES_MAX });
        } catch {
          throw damaged(`${pieceName(table, piece)} does not decompress`);
        }
      }
    },
  };
  await checkTables(backup);
  return backup;
}
