import { sql } from 'kysely';
import type { Connection, Transaction } from '../../platform/database/database.ts';
import type { ChannelSettings, Severity } from './notifications-contract.ts';

/** Channels of which something is due. */
export async function listDueChannels(db: Connection, at: Date): Promise<string[]> {
  const due = await sql<{ id: string }>`
    select c.id from notifications.channel c
    where c.enabled and c.removed_at is null and exists (
      select from notifications.delivery d
      where d.channel_id = c.id and d.state = 'waiting' and d.next_at <= ${at})
    order by c.id limit 200`.execute(db);
  return due.rows.map((row) => row.id);
}

export type ClaimedDelivery = {
  id: string;
  /** Which try this is; the outcome of an older one no longer counts. */
  tries: number;
  settings: ChannelSettings;
  secret_id: string | null;
  notice_number: number;
  notice_id: string;
  kind: string;
  severity: Severity;
  title: string;
  body: string;
  link: string;
  first_at: Date;
};

/**
 * Takes deliveries of one channel for a while. A server that dies with them loses nothing: when the
 * time is over another takes them, with the same ids. The try counts from here, so that a message
 * that ends servers is parked in the end.
 */
export async function claimDeliveries(
  db: Connection,
  claim: { channelId: string; at: Date; until: Date; limit: number },
): Promise<ClaimedDelivery[]> {
  const claimed = await sql<ClaimedDelivery>`
    with due as materialized (
      select o.number from notifications.delivery o
      where o.channel_id = ${claim.channelId}::uuid and o.state = 'waiting'
        and o.next_at <= ${claim.at}
      order by o.next_at, o.number limit ${claim.limit} for update skip locked)
    update notifications.delivery d set tries = d.tries + 1, next_at = ${claim.until}
    from due, notifications.channel c, notifications.notice n
    where d.number = due.number and c.id = d.channel_id and c.enabled and n.number = d.notice_number
    returning d.id, d.tries, c.settings, c.secret_id, n.number as notice_number,
      n.id as notice_id, n.kind, n.severity, n.title, n.body, n.link, n.first_at`.execute(db);
  return claimed.rows;
}

/** Ends a delivery, or gives it another time. False when another try has taken over since. */
export async function noteOutcome(
  trx: Connection,
  delivery: Pick<ClaimedDelivery, 'id' | 'tries'>,
  outcome: {
    state: 'waiting' | 'delivered' | 'parked';
    at: Date;
    nextAt: Date;
    error: string | null;
  },
): Promise<boolean> {
  const { state, at, nextAt, error } = outcome;
  const noted = await sql`
    update notifications.delivery set state = ${state}, next_at = ${nextAt}, last_error = ${error},
      ended_at = case when ${state} = 'waiting' then null else ${at}::timestamptz end
    where id = ${delivery.id}::uuid and state = 'waiting' and tries = ${delivery.tries}
    `.execute(trx);
  return noted.numAffectedRows === 1n;
}

/** Mail addresses of the people a notice is for who can still sign in. */
export async function listRecipients(
  db: Connection,
  noticeNumber: number,
  limit: number,
): Promise<string[]> {
  const found = await sql<{ email: string }>`
    select u.email from notifications.inbox_entry e
    join sign_in.known_user u on u.id = e.user_id
    where e.notice_number = ${noticeNumber} and u.state = 'active'
    order by u.id limit ${limit}`.execute(db);
  return found.rows.map((row) => row.email);
}

export type DeliveryRow = {
  number: number;
  id: string;
  notice_id: string;
  title: string;
  channel_id: string;
  channel_name: string;
  state: 'waiting' | 'delivered' | 'parked';
  tries: number;
  next_at: Date;
  last_error: string | null;
  created_at: Date;
  ended_at: Date | null;
};

export async function listDeliveryRows(
  db: Connection,
  page: {
    id?: string | undefined;
    channelId?: string | undefined;
    state?: string | undefined;
    before?: number | undefined;
    limit: number;
  },
): Promise<DeliveryRow[]> {
  const id = page.id ?? null;
  const channelId = page.channelId ?? null;
  const state = page.state ?? null;
  const before = page.before ?? null;
  const found = await sql<DeliveryRow>`
    select d.number, d.id, n.id as notice_id, n.title, c.id as channel_id, c.name as channel_name,
      d.state, d.tries, d.next_at, d.last_error, d.created_at, d.ended_at
    from notifications.delivery d
    join notifications.notice n on n.number = d.notice_number
    join notifications.channel c on c.id = d.channel_id
    where (${id}::uuid is null or d.id = ${id})
      and (${channelId}::uuid is null or d.channel_id = ${channelId})
      and (${state}::text is null or d.state = ${state})
      and (${before}::bigint is null or d.number < ${before})
    order by d.number desc limit ${page.limit}`.execute(db);
  return found.rows;
}

/** False when it was delivered, or its channel is gone. */
export async function makeDue(trx: Transaction, id: string, at: Date): Promise<boolean> {
  const changed = await sql`
    update notifications.delivery d set state = 'waiting', tries = 0, next_at = ${at},
      ended_at = null
    from notifications.channel c
    where d.id = ${id}::uuid and d.state <> 'delivered' and c.id = d.channel_id
      and c.removed_at is null`.execute(trx);
  return changed.numAffectedRows === 1n;
}
