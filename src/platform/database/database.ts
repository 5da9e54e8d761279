import { Kysely, type Transaction as KyselyTransaction, PostgresDialect, sql } from 'kysely';
import { Pool, type PoolConfig, types } from 'pg';
import { Failure, invalid, unavailable } from '../../model/errors.ts';
import type { PostgresAddress } from './bundled-postgres.ts';

/**
 * Anything SQL can run on: the database, or a transaction of it. Say which tables with `tables`.
 */
export type Connection = Kysely<object>;
export type Transaction = KyselyTransaction<object>;

export type Database = {
  readonly kysely: Connection;
  readonly pool: Pool;
  /**
   * Where it is, for those that need connections of their own. Never shown: it may hold a password.
   */
  readonly target: PostgresAddress | string;
  close(): Promise<void>;
};

export type DatabaseOptions = {
  readonly connectionsMax?: number;
  /** Told about connections that broke while idle; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
};

type Tables = Record<string, Record<string, unknown>>;

const CONNECT_MS_MAX = 10_000;
const SERVER_VERSION_MIN = 150_000;
const INT8_OID = 20;
const DATE_OID = 1082;

/**
 * bigint columns and count(*) arrive as numbers; a value beyond 2^53 is a defect, not a rounding.
 */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error('A bigint of the database exceeds 2^53.');
  return value;
}

const typeParsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary' && oid === INT8_OID) return parseInt8;
    // A date without a time has no zone; a JavaScript Date would invent one.
    if (format !== 'binary' && oid === DATE_OID) return (text: string) => text;
    return types.getTypeParser(oid, format);
  },
} as PoolConfig['types'];

function poolConfig(target: PostgresAddress | string, options: DatabaseOptions): PoolConfig {
  return {
    ...(typeof target === 'string' ? { connectionString: target } : target),
    application_name: 'wharfinger',
    max: options.connectionsMax ?? 20,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    idle_in_transaction_session_timeout: 300_000,
    types: typeParsers,
  };
}

/**
 * Opens a pool; connects only when first used. `target` is the bundled server or a DATABASE_URL.
 */
export function openDatabase(
  target: PostgresAddress | string,
  options: DatabaseOptions = {},
): Database {
  const pool = new Pool(poolConfig(target, options));
  let isClosing = false;
  const onBroken = (error: Error): void => {
    // A connection that is being closed may still hear that its server stops.
    if (!isClosing) options.onIdleError?.(error);
  };
  pool.on('error', onBroken);
  // The pool listens to idle connections only. One that breaks in a transaction, between two
  // statements, would end the process; with a listener its next statement fails instead.
  pool.on('connect', (client) => client.on('error', () => {}));
  const kysely = new Kysely<object>({ dialect: new PostgresDialect({ pool }) });
  const close = (): Promise<void> => {
    isClosing = true;
    // Kysely ends the pool with itself, once.
    return kysely.destroy();
  };
  return { kysely, pool, target, close };
}

/**
 * The same connection, seen with a slice's own tables:
 * `tables<EvidenceTables>(transaction).insertInto('evidence.entry')`. It runs in the same
 * transaction.
 */
export function tables<T extends Tables>(connection: Connection): Kysely<T> {
  return connection.withTables<T>();
}

/**
 * Runs `work` in one transaction: all of it commits when it resolves, none of it when it throws.
 */
export function inTransaction<T>(
  database: Database,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return database.kysely.transaction().execute(work);
}

/** Host and port of a DATABASE_URL, fit to be shown: no user, no password, no parameters. */
export function shownAddress(url: string): string {
  try {
    const { hostname, port, searchParams } = new URL(url);
    return `${searchParams.get('host') ?? hostname}:${port || '5432'}`;
  } catch {
    return 'the given address';
  }
}

export function checkDatabaseUrl(url: string): void {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid(
      'The database URL is not one: write it as postgresql://USER:PASSWORD@HOST:5432/NAME.',
      { code: 'database-url' },
    );
  }
}

function refusal(error: unknown, shown: string): Failure {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  const reasons: Readonly<Record<string, string>> = {
    '28P01': 'refuses the user or password',
    '28000': 'refuses the user',
    '3D000': 'has no database of that name',
    '53300': 'has no connection left',
    '57P03': 'is still starting',
  };
  const reason = reasons[String(code)] ?? 'does not answer';
  return unavailable(
    `The database at ${shown} ${reason}${/^E[A-Z]+$/.test(String(code)) ? ` (${code})` : ''}: ` +
      'check --database-url or DATABASE_URL.',
    { code: 'database-unavailable', cause: error },
  );
}

/** Fails with one sentence unless the database answers and is one that Wharfinger can use. */
export async function checkDatabase(database: Database, shown: string): Promise<void> {
  const result = await sql<{ version: string; encoding: string }>`
    select current_setting('server_version_num') as version,
           current_setting('server_encoding') as encoding`
    .execute(database.kysely)
    .catch((error: unknown) => {
      throw error instanceof Failure ? error : refusal(error, shown);
    });
  const row = result.rows[0];
  if (row === undefined || Number(row.version) < SERVER_VERSION_MIN) {
    throw unavailable(`The database at ${shown} is older than PostgreSQL 15: upgrade it first.`, {
      code: 'database-too-old',
    });
  }
  if (row.encoding !== 'UTF8') {
    throw unavailable(
      `The database at ${shown} stores ${row.encoding} text: create one with encoding UTF8.`,
      { code: 'database-encoding' },
    );
  }
}
