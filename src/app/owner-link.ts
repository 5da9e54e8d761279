import { createOwnerLink } from '../features/sign-in/sign-in.ts';
import { createIds, systemClock } from '../platform/clock.ts';
import { migrate } from '../platform/database/migrate.ts';
import { readInstallationId } from '../platform/installation.ts';
import type { Log } from '../platform/log.ts';
import { findSetting } from '../platform/setting.ts';
import { runningServerUrl, type StorageChoice, withDatabase } from './offline.ts';
import { PUBLIC_URL_SETTING } from './server.ts';
import { wharfingerVersion } from './version.ts';

/**
 * A one-time link that makes an owner, for people who can read the data folder anyway. Recorded in
 * the evidence log like every other.
 */
export function makeOwnerLink(choice: StorageChoice, log: Log): Promise<string> {
  return withDatabase(choice, log, async (database) => {
    await migrate(database);
    const kept = await findSetting(database.kysely, PUBLIC_URL_SETTING);
    const lastUrl = typeof kept === 'string' ? kept : 'http://localhost:7420';
    return createOwnerLink({
      database,
      clock: systemClock,
      ids: createIds(),
      installation: { id: await readInstallationId(database.pool), version: wharfingerVersion() },
      publicUrl: runningServerUrl(choice.dataFolder) ?? lastUrl,
    });
  });
}
