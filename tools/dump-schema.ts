import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBundledPostgres } from '../src/platform/database/bundled-postgres.ts';
import { openDatabase } from '../src/platform/database/database.ts';
import { describeSchema } from '../src/platform/database/describe-schema.ts';
import { MIGRATIONS_FOLDER, migrate } from '../src/platform/database/migrate.ts';
import { VOLATILE_SETTINGS } from '../src/platform/database/postgres-settings.ts';

// Writes migrations/schema.sql from a fresh database that has had every migration.
const folder = mkdtempSync('/tmp/wharfinger-schema-');
const server = await startBundledPostgres({
  folder: join(folder, 'postgres'),
  settings: VOLATILE_SETTINGS,
});
try {
  const database = openDatabase(server.address);
  await migrate(database);
  writeFileSync(join(MIGRATIONS_FOLDER, 'schema.sql'), await describeSchema(database));
  await database.close();
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
