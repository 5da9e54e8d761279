import { sql } from 'kysely';
import type { Connection } from '../../platform/database/database.ts';
import type { Severity } from './notifications-contract.ts';

export type InboxRow = {
  number: number;
  id: string;
  kind: string;
  severity: Severity;
  title: string;
  body: string;
  link: string;
  times: number;
  first_at: Date;
  last_at: Date;
  read_at: Date | null;
};

export async function listInboxRows(
  db: Connection,
  page: { userId: string; onlyUnread: boolean; before: number | undefined; limit: number },
): Promise<InboxRow[]> {
  const found = await sql<InboxRow>`
    select n.number, n.id, n.kind, n.severity, n.title, n.body, n.link, n.times, n.first_at,
      n.last_at, e.read_at
    from notifications.inbox_entry e join notifications.notice n on n.number = e.notice_number
    where e.user_id = ${page.userId}::uuid
      and (not ${page.onlyUnread}::boolean or e.read_at is null)
      and (${page.before ?? null}::bigint is null or e.notice_number < ${page.before ?? null})
    order by e.notice_number desc limit ${page.limit}`.execute(db);
  return found.rows;
}

/** Reads one index and stops at the limit, so that a badge may ask often. */
export async function countUnread(db: Connection, userId: string, limit: number): Promise<number> {
  const found = await sql<{ unread: number }>`
    select count(*)::integer as unread from (
      select from notifications.inbox_entry
      where user_id = ${userId}::uuid and read_at is null limit ${limit}) e`.execute(db);
  return found.rows[0]?.unread ?? 0;
}

/** False when it is not in this inbox. Reading it twice keeps the first time. */
export async function markRead(
  db: Connection,
  read: { userId: string; noticeId: string; at: Date },
): Promise<boolean> {
  const marked = await sql`
    update notifications.inbox_entry e set read_at = coalesce(e.read_at, ${read.at})
    from notifications.notice n
    where n.id = ${read.noticeId}::uuid and e.notice_number = n.number
      and e.user_id = ${read.userId}::uuid`.execute(db);
  return marked.numAffectedRows === 1n;
}

export async function markAllRead(db: Connection, userId: string, at: Date): Promise<void> {
  await sql`
    update notifications.inbox_entry set read_at = ${at}
    where user_id = ${userId}::uuid and read_at is null`.execute(db);
}

/** Old notices go, with what was sent of them; what still waits is kept. */
export async function removeOldNotices(db: Connection, before: Date): Promise<void> {
  await sql`
    delete from notifications.notice n
    where n.last_at < ${before} and not exists (
      select from notifications.delivery d
      where d.notice_number = n.number and d.state = 'waiting')`.execute(db);
}
