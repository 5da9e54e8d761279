import { z } from 'zod';

/**
 * A backup is a tar file: `backup.json` first (what a restore must know before it begins), then
 * each table in pieces, `tables/SCHEMA.TABLE/000001.zst` (PostgreSQL's COPY text format, each piece
 * a zstd frame of its own), then `keys/secret.key` if asked for, then `contents.json`, whose
 * presence says that the backup is whole and whose digests say that it is unchanged.
 */
export const BACKUP_FORMAT = 1;
export const HEAD_NAME = 'backup.json';
export const KEY_NAME = 'keys/secret.key';
export const CONTENTS_NAME = 'contents.json';

/** Bytes of a table in one piece before compression; a restore decompresses no more than that. */
export const PIECE_BYTES_MAX = 4 * 1024 * 1024;
export const HEAD_BYTES_MAX = 4 * 1024 * 1024;
export const TABLES_MAX = 2_000;

const identifier = z.string().min(1).max(63);

export const tableSchema = z.object({
  schema: identifier,
  name: identifier,
  columns: z.array(identifier).max(1_600),
});

export type BackupTable = z.infer<typeof tableSchema>;

export const headSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** Of Wharfinger, and of the PostgreSQL it was read from. */
  version: z.string().max(100),
  postgresVersion: z.string().max(100),
  installationId: z.string().max(100),
  madeAt: z.iso.datetime(),
  /** The migrations the data has had; a restore applies these before it loads. */
  migrations: z.array(z.string().max(200)).max(10_000),
  /** Which keys its secrets need, and whether this file holds them. */
  keys: z.object({ needed: z.array(z.string().max(100)).max(1_000), included: z.boolean() }),
  tables: z.array(tableSchema).max(TABLES_MAX),
  sequences: z
    .array(z.object({ schema: identifier, name: identifier, value: z.string().max(20) }))
    .max(TABLES_MAX),
});

export type BackupHead = z.infer<typeof headSchema>;

export const contentsSchema = z.object({
  tables: z
    .array(
      z.object({
        table: z.string().max(200),
        rows: z.number().int().nonnegative(),
        bytes: z.number().int().nonnegative(),
        pieces: z.number().int().nonnegative(),
        /** Over the uncompressed pieces, one after the other. */
        sha256: z.string().length(64),
      }),
    )
    .max(TABLES_MAX),
  /** Of backup.json, and of the key file when it is there. */
  headSha256: z.string().length(64),
  keySha256: z.string().length(64).optional(),
});

export type BackupContents = z.infer<typeof contentsSchema>;

export function tableName(table: { schema: string; name: string }): string {
  return `${table.schema}.${table.name}`;
}

export function pieceName(table: string, piece: number): string {
  return `tables/${table}/${String(piece).padStart(6, '0')}.zst`;
}

function quoted(identifierText: string): string {
  return `"${identifierText.replaceAll('"', '""')}"`;
}

/** For SQL: the table, and with its columns in the backup's order. */
export function tableReference(table: { schema: string; name: string }): string {
  return `${quoted(table.schema)}.${quoted(table.name)}`;
}

export function columnList(table: BackupTable): string {
  return table.columns.map(quoted).join(', ');
}
