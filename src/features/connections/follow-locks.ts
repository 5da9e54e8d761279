import type { PoolClient } from 'pg';
import type { Database } from '../../platform/database/database.ts';

/** Distinguishes our advisory locks from any other use of the same numbers. */
const LOCK_SPACE = 7420;

/**
 * Who follows what, when several servers share one database. All locks of this server lie in one
 * database session: a session for each would use up the pool with the first dozen of connections.
 */
export class FollowLocks {
  readonly #database: Database;
  readonly #onLost: () => void;
  #session: Promise<PoolClient> | undefined;

  /** `onLost`: the session broke, and every lock with it. */
  constructor(database: Database, onLost: () => void) {
    this.#database = database;
    this.#onLost = onLost;
  }

  /** False when another server follows it. */
  async take(connectionId: string): Promise<boolean> {
    const client = await this.#open();
    const asked = await client.query<{ held: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as held',
      [LOCK_SPACE, connectionId],
    );
    return asked.rows[0]?.held === true;
  }

  async giveBack(connectionId: string): Promise<void> {
    const client = await this.#session;
    await client?.query('select pg_advisory_unlock($1, hashtext($2))', [LOCK_SPACE, connectionId]);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    // Ended, not given back to the pool: the locks go with the session.
    (await session?.catch(() => undefined))?.release(true);
  }

  #open(): Promise<PoolClient> {
    this.#session ??= this.#connect();
    return this.#session;
  }

  async #connect(): Promise<PoolClient> {
    try {
      const client = await this.#database.pool.connect();
      client.once('error', (error) => {
        this.#session = undefined;
        client.release(error);
        this.#onLost();
      });
      return client;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }
}
