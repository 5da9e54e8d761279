import { sql } from 'kysely';
import type { Role } from '../../model/roles.ts';
import type { Transaction } from '../../platform/database/database.ts';
import type { Severity } from './notifications-contract.ts';

/** Whom a notice is for: everyone of a role or team who is there when it is written, or one. */
export type NoticeAudience =
  | { readonly role: Role }
  | { readonly teamId: string }
  | { readonly userId: string };

export type NewNotice = {
  /** What it is about: the same key again, while the old notice is news, only counts up. */
  readonly key: string;
  /** Slice and what happened: `connection.stopped`. */
  readonly kind: string;
  readonly severity: Severity;
  readonly title: string;
  /** A sentence or two that a person can act on. */
  readonly body: string;
  /** A path of the console: `/connections/…`. */
  readonly link: `/${string}`;
  readonly audience: readonly NoticeAudience[];
  readonly at: Date;
};

const TITLE_MAX = 200;
const BODY_MAX = 2000;
const NEWS_HOURS_MAX = 24;
/** Distinguishes our advisory locks from any other use of the same numbers. */
const LOCK_SPACE = 7422;

/**
 * Tells people something, in the caller's transaction: it is in their inboxes and on its way
 * through every channel exactly if the transaction commits. A notice of the same key adds nothing
 * and counts up while the last one is undelivered, or for a day while nobody has read it.
 */
export async function notify(trx: Transaction, notice: NewNotice): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK_SPACE}, hashtext(${notice.key}))`.execute(trx);
  if (await countUp(trx, notice)) return;
  const number = await insertNotice(trx, notice);
  await fillInboxes(trx, number, notice.audience);
  await sql`
    insert into notifications.delivery (notice_number, channel_id, next_at, created_at)
    select ${number}, c.id, ${notice.at}, ${notice.at} from notifications.channel c
    where c.enabled and c.removed_at is null
      and array_position(array['info', 'warning', 'critical'], c.severity_min)
          <= array_position(array['info', 'warning', 'critical'], ${notice.severity}::text)
    `.execute(trx);
}

async function countUp(trx: Transaction, { key, at }: NewNotice): Promise<boolean> {
  const newsSince = new Date(at.getTime() - NEWS_HOURS_MAX * 3_600_000);
  const counted = await sql`
    update notifications.notice n set times = n.times + 1,
      last_at = greatest(n.last_at, ${at}::timestamptz)
    where n.number = (select max(o.number) from notifications.notice o where o.key = ${key})
      and (n.first_at > ${newsSince} and not exists (
             select from notifications.inbox_entry e
             where e.notice_number = n.number and e.read_at is not null)
           or exists (
             select from notifications.delivery d
             where d.notice_number = n.number and d.state = 'waiting'))`.execute(trx);
  return (counted.numAffectedRows ?? 0n) > 0n;
}

async function insertNotice(trx: Transaction, notice: NewNotice): Promise<number> {
  const { key, kind, severity, link, at } = notice;
  const title = oneLine(notice.title, TITLE_MAX);
  const body = oneLine(notice.body, BODY_MAX);
  const added = await sql<{ number: number }>`
    insert into notifications.notice
      (key, kind, severity, title, body, link, first_at, last_at)
    values (${key}, ${kind}, ${severity}, ${title}, ${body}, ${link}, ${at}, ${at})
    returning number`.execute(trx);
  return (added.rows[0] as { number: number }).number;
}

async function fillInboxes(
  trx: Transaction,
  number: number,
  audience: readonly NoticeAudience[],
): Promise<void> {
  const roles = audience.flatMap((one) => ('role' in one ? [one.role] : []));
  const teams = audience.flatMap((one) => ('teamId' in one ? [one.teamId] : []));
  const users = audience.flatMap((one) => ('userId' in one ? [one.userId] : []));
  await sql`
    insert into notifications.inbox_entry (user_id, notice_number)
    select u.id, ${number} from sign_in.known_user u
    where u.state = 'active' and (
      u.role = any(${roles}::text[]) or u.id::text = any(${users}::text[])
      or exists (select from ownership.team_membership m
                 where m.user_id = u.id and m.team_id::text = any(${teams}::text[])))`.execute(trx);
}

/** Names and errors of other systems stand in notices: no control characters, no endless text. */
export function oneLine(text: string, lengthMax: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]+/g, ' ');
  return line.length <= lengthMax ? line : `${line.slice(0, lengthMax - 1).toWellFormed()}…`;
}
