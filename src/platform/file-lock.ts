import { existsSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

export type FileLock = { release(): void };

const SQLITE_BUSY = 5;

/**
 * Takes the lock at `path`, or answers undefined when another process holds it. The kernel gives
 * the lock up when its holder dies, however it dies, and knows the holder across containers that
 * share the folder, which no process id in a file does. Node has no flock(2) of its own, so this
 * borrows the fcntl(2) locks that SQLite takes (https://sqlite.org/lockingv3.html).
 *
 * Never open the same path elsewhere in this process: POSIX drops the lock at the first close.
 */
export function takeFileLock(path: string): FileLock | undefined {
  // Closed to other users, who could otherwise hold the lock against us.
  if (!existsSync(path)) writeFileSync(path, '', { flag: 'a', mode: 0o600 });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // No write follows, so the file stays empty and no journal appears beside it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      return undefined;
    }
    throw error;
  }
  return { release: () => database.close() };
}
