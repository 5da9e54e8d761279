import { createHash, type Hash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import type { ClientBase } from 'pg';
import {
  formatTarHeader,
  TAR_BLOCK_BYTES,
  tarPaddingBytes,
} from '../../formats/evidence-export.ts';
import { copyOut } from '../../platform/database/copy.ts';
import type { Database } from '../../platform/database/database.ts';
import { readInstallationId } from '../../platform/installation.ts';
import { listKeysInUse } from '../../platform/secret-store.ts';
import { listSequences, listTables } from './backup-catalogue.ts';
import {
  BACKUP_FORMAT,
  type BackupContents,
  type BackupHead,
  type BackupTable,
  CONTENTS_NAME,
  columnList,
  HEAD_NAME,
  KEY_NAME,
  PIECE_BYTES_MAX,
  pieceName,
  tableName,
  tableReference,
} from './backup-format.ts';

export type BackupOptions = {
  readonly version: string;
  readonly madeAt: Date;
  /** The key file's text, to have it in the backup; undefined to leave it out. */
  readonly keyFile: string | undefined;
  /** Writes to the end of the backup, in order. */
  readonly write: (bytes: Buffer) => Promise<void>;
};

export type BackupSummary = {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly keysNeeded: readonly string[];
};

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function writeEntry(options: BackupOptions, name: string, bytes: Buffer): Promise<void> {
  const padding = Buffer.alloc(tarPaddingBytes(bytes.length));
  await options.write(Buffer.concat([formatTarHeader(name, bytes.length), bytes, padding]));
}

async function readHead(client: ClientBase, options: BackupOptions): Promise<BackupHead> {
  const about = await client.query<{ postgres: string; names: string[] }>(`
    select current_setting('server_version') as postgres,
      array(select name::text from platform.migration order by name) as names`);
  const row = about.rows[0];
  return {
    format: BACKUP_FORMAT,
    version: options.version,
    postgresVersion: row?.postgres ?? '',
    installationId: await readInstallationId(client),
    madeAt: options.madeAt.toISOString(),
    migrations: row?.names ?? [],
    keys: { needed: await listKeysInUse(client), included: options.keyFile !== undefined },
    tables: await listTables(client),
    sequences: await listSequences(client),
  };
}

/** Cuts one table's stream into pieces, each compressed by itself. */
class PieceWriter {
  readonly #options: BackupOptions;
  readonly #table: string;
  readonly #hash: Hash = createHash('sha256');
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  bytes = 0;
  pieces = 0;

  constructor(options: BackupOptions, table: string) {
    this.#options = options;
    this.#table = table;
  }

  async take(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    let rest = chunk;
    while (this.#waitingBytes + rest.length >= PIECE_BYTES_MAX) {
      const room = PIECE_BYTES_MAX - this.#waitingBytes;
      this.#waiting.push(rest.subarray(0, room));
      rest = rest.subarray(room);
      await this.#flush();
    }
    if (rest.length > 0) this.#waiting.push(rest);
    this.#waitingBytes += rest.length;
  }

  async #flush(): Promise<void> {
    const piece = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.pieces += 1;
    const name = pieceName(this.#table, this.pieces);
    await writeEntry(this.#options, name, zstdCompressSync(piece));
  }

  async end(): Promise<string> {
    if (this.#waiting.length > 0) await this.#flush();
    return this.#hash.digest('hex');
  }
}

async function writeTable(
  client: ClientBase,
  options: BackupOptions,
  table: BackupTable,
): Promise<BackupContents['tables'][number]> {
  const name = tableName(table);
  const writer = new PieceWriter(options, name);
  const statement = `copy (select ${columnList(table)} from ${tableReference(table)}) to stdout`;
  const rows = await copyOut(client, statement, (chunk) => writer.take(chunk));
  const digest = await writer.end();
  return { table: name, rows, bytes: writer.bytes, pieces: writer.pieces, sha256: digest };
}

async function writeAll(client: ClientBase, options: BackupOptions): Promise<BackupSummary> {
  // Text means the same on every machine and major version only with these.
  await client.query(`set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
    set local extra_float_digits = 3; set local timezone = 'UTC'; set local bytea_output = 'hex';
    set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`);
  const head = await readHead(client, options);
  const headBytes = Buffer.from(`${JSON.stringify(head, null, 2)}\n`);
  await writeEntry(options, HEAD_NAME, headBytes);
  const contents: BackupContents['tables'] = [];
  for (const table of head.tables) contents.push(await writeTable(client, options, table));
  const key = options.keyFile === undefined ? undefined : Buffer.from(options.keyFile);
  if (key !== undefined) await writeEntry(options, KEY_NAME, key);
  const end: BackupContents = {
    tables: contents,
    headSha256: sha256(headBytes),
    ...(key === undefined ? {} : { keySha256: sha256(key) }),
  };
  await writeEntry(options, CONTENTS_NAME, Buffer.from(`${JSON.stringify(end, null, 2)}\n`));
  await options.write(Buffer.alloc(2 * TAR_BLOCK_BYTES));
  return {
    tables: contents.length,
    rows: contents.reduce((sum, table) => sum + table.rows, 0),
    bytes: contents.reduce((sum, table) => sum + table.bytes, 0),
    keysNeeded: head.keys.needed,
  };
}

/**
 * Writes a backup of everything the database holds, as it was at one moment, while the server goes
 * on: one repeatable-read transaction sees one snapshot from its first table to its last.
 */
export async function writeBackup(
  database: Database,
  options: BackupOptions,
): Promise<BackupSummary> {
  const client = await database.pool.connect();
  try {
    await client.query('begin isolation level repeatable read, read only');
    const summary = await writeAll(client, options);
    await client.query('commit');
    client.release();
    return summary;
  } catch (error) {
    // Half a COPY may still be on the wire: this connection is of no further use.
    client.release(true);
    throw error;
  }
}
