import { sql } from 'kysely';
import type { Connection, Transaction } from '../../platform/database/database.ts';
import type { ChannelSettings, Severity } from './notifications-contract.ts';

export type ChannelRow = {
  id: string;
  name: string;
  settings: ChannelSettings;
  secret_id: string | null;
  severity_min: Severity;
  enabled: boolean;
  created_at: Date;
  waiting: number;
  parked: number;
};

/** A page of notices never waits for the counts of a broken channel. */
const COUNTED_MAX = 10_000;

/** Channels by name, or the one of an id. */
export async function listChannelRows(
  db: Connection,
  page: { id?: string; limit: number },
): Promise<ChannelRow[]> {
  const found = await sql<ChannelRow>`
    select c.id, c.name, c.settings, c.secret_id, c.severity_min, c.enabled, c.created_at,
      (select count(*)::integer from (select from notifications.delivery d
        where d.channel_id = c.id and d.state = 'waiting' limit ${COUNTED_MAX}) w) as waiting,
      (select count(*)::integer from (select from notifications.delivery d
        where d.channel_id = c.id and d.state = 'parked' limit ${COUNTED_MAX}) p) as parked
    from notifications.channel c
    where c.removed_at is null and (${page.id ?? null}::uuid is null or c.id = ${page.id ?? null})
    order by lower(c.name) limit ${page.limit}`.execute(db);
  return found.rows;
}

export async function countChannels(db: Connection): Promise<number> {
  const found = await sql<{ channels: number }>`
    select count(*)::integer as channels from notifications.channel
    where removed_at is null`.execute(db);
  return found.rows[0]?.channels ?? 0;
}

/** False when there is one of that name. */
export async function insertChannel(
  trx: Transaction,
  channel: {
    id: string;
    name: string;
    settings: ChannelSettings;
    secretId: string | null;
    severityMin: Severity;
    at: Date;
  },
): Promise<boolean> {
  const { id, name, settings, secretId, severityMin, at } = channel;
  const added = await sql`
    insert into notifications.channel
      (id, kind, name, settings, secret_id, severity_min, created_at)
    values (${id}, ${settings.kind}, ${name}, ${JSON.stringify(settings)}::jsonb, ${secretId},
            ${severityMin}, ${at})
    on conflict do nothing`.execute(trx);
  return added.numAffectedRows === 1n;
}

export async function updateChannel(
  trx: Transaction,
  channel: Pick<ChannelRow, 'id' | 'name' | 'settings' | 'secret_id' | 'severity_min' | 'enabled'>,
): Promise<void> {
  await sql`
    update notifications.channel set name = ${channel.name}, enabled = ${channel.enabled},
      settings = ${JSON.stringify(channel.settings)}::jsonb, kind = ${channel.settings.kind},
      secret_id = ${channel.secret_id}, severity_min = ${channel.severity_min}
    where id = ${channel.id}::uuid`.execute(trx);
}

export async function isNameTaken(db: Connection, name: string, id: string): Promise<boolean> {
  const found = await sql`
    select from notifications.channel
    where lower(name) = lower(${name}) and id <> ${id}::uuid and removed_at is null`.execute(db);
  return found.rows.length > 0;
}

/** What waits for it is given up; what was sent stays in the list. */
export async function markRemoved(trx: Transaction, id: string, at: Date): Promise<void> {
  await sql`
    update notifications.channel set removed_at = ${at}, secret_id = null, enabled = false
    where id = ${id}::uuid`.execute(trx);
  await sql`
    update notifications.delivery set state = 'parked', ended_at = ${at},
      last_error = 'The channel was removed.'
    where channel_id = ${id}::uuid and state = 'waiting'`.execute(trx);
}

export async function listMailAddresses(
  db: Connection,
  userIds: readonly string[],
): Promise<string[]> {
  const found = await sql<{ email: string }>`
    select email from sign_in.known_user where id::text = any(${[...userIds]})`.execute(db);
  return found.rows.map((row) => row.email);
}
