import { type Connection, tables } from './database/database.ts';

type SettingTables = {
  'platform.setting': { key: string; value: unknown; changed_at: Date };
};

/** What the server noted for itself under this key, or undefined. */
export async function findSetting(connection: Connection, key: string): Promise<unknown> {
  const row = await tables<SettingTables>(connection)
    .selectFrom('platform.setting')
    .select('value')
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.value;
}

export async function keepSetting(
  connection: Connection,
  key: string,
  value: unknown,
): Promise<void> {
  const changed = { value: JSON.stringify(value), changed_at: new Date() };
  await tables<SettingTables>(connection)
    .insertInto('platform.setting')
    .values({ key, ...changed })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(changed))
    .execute();
}
