import type { ClientBase } from 'pg';
import { unavailable } from '../model/errors.ts';

/** The id this installation got when its database was made. A restored copy keeps it. */
export async function readInstallationId(client: Pick<ClientBase, 'query'>): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select id from platform.installation');
  const id = rows[0]?.id;
  if (id === undefined) throw unavailable('The database does not say which installation it is.');
  return id;
}
