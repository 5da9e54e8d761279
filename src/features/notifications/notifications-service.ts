import { z } from 'zod';
import { conflict, notFound } from '../../model/errors.ts';
import { decodeCursor, encodeCursor, type Page } from '../../model/page.ts';
import { type Actor, actorId, authorize, signedInUser } from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import type { NotificationsContext } from './deliverer.ts';
import * as deliveries from './delivery-store.ts';
import * as inbox from './inbox-store.ts';
import type { Delivery, Notice } from './notifications-contract.ts';

const UNREAD_COUNTED_MAX = 100;

function describeNotice(row: inbox.InboxRow): Notice {
  const { id, kind, severity, title, body, link, times } = row;
  return {
    ...{ id, kind, severity, title, body, link, times },
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    ...(row.read_at === null ? {} : { readAt: row.read_at.toISOString() }),
  };
}

function describeDelivery(row: deliveries.DeliveryRow): Delivery {
  return {
    id: row.id,
    noticeId: row.notice_id,
    title: row.title,
    channelId: row.channel_id,
    channelName: row.channel_name,
    state: row.state,
    tries: row.tries,
    ...(row.state === 'waiting' ? { nextAt: row.next_at.toISOString() } : {}),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
    createdAt: row.created_at.toISOString(),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
  };
}

/** Pages of rows that were asked for with one more than fits. */
function pageOfRows<Row extends { number: number }, Item>(
  rows: readonly Row[],
  limit: number,
  describe: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(describe);
  if (rows.length <= limit || last === undefined) return { items };
  return { items, next: encodeCursor([last.number]) };
}

function before(cursor: string | undefined): number | undefined {
  const number = decodeCursor(cursor)?.[0];
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

export async function listNotices(
  context: NotificationsContext,
  actor: Actor,
  query: { cursor?: string | undefined; limit: number; unread: boolean },
): Promise<Page<Notice>> {
  authorize(actor, 'notice.read');
  const { userId } = signedInUser(actor);
  const rows = await inbox.listInboxRows(context.database.kysely, {
    userId,
    onlyUnread: query.unread,
    before: before(query.cursor),
    limit: query.limit + 1,
  });
  return pageOfRows(rows, query.limit, describeNotice);
}

export async function countUnread(
  context: NotificationsContext,
  actor: Actor,
): Promise<{ unread: number; isMore: boolean }> {
  authorize(actor, 'notice.read');
  const { userId } = signedInUser(actor);
  const limit = UNREAD_COUNTED_MAX + 1;
  const counted = await inbox.countUnread(context.database.kysely, userId, limit);
  return {
    unread: Math.min(counted, UNREAD_COUNTED_MAX),
    isMore: counted > UNREAD_COUNTED_MAX,
  };
}

export async function readNotice(
  context: NotificationsContext,
  actor: Actor,
  noticeId: string,
): Promise<void> {
  authorize(actor, 'notice.read');
  const { userId } = signedInUser(actor);
  const at = context.clock.now();
  const isMine =
    z.guid().safeParse(noticeId).success &&
    (await inbox.markRead(context.database.kysely, { userId, noticeId, at }));
  if (!isMine) throw notFound('There is no such notice in your inbox.');
}

export async function readAllNotices(context: NotificationsContext, actor: Actor): Promise<void> {
  authorize(actor, 'notice.read');
  const { userId } = signedInUser(actor);
  await inbox.markAllRead(context.database.kysely, userId, context.clock.now());
}

export async function listDeliveries(
  context: NotificationsContext,
  actor: Actor,
  query: {
    cursor?: string | undefined;
    limit: number;
    channelId?: string | undefined;
    state?: Delivery['state'] | undefined;
  },
): Promise<Page<Delivery>> {
  authorize(actor, 'notice.manage');
  const rows = await deliveries.listDeliveryRows(context.database.kysely, {
    channelId: query.channelId,
    state: query.state,
    before: before(query.cursor),
    limit: query.limit + 1,
  });
  return pageOfRows(rows, query.limit, describeDelivery);
}

async function findDelivery(context: NotificationsContext, id: string): Promise<Delivery> {
  const [row] = z.guid().safeParse(id).success
    ? await deliveries.listDeliveryRows(context.database.kysely, { id, limit: 1 })
    : [];
  if (row === undefined) throw notFound('There is no such delivery.');
  return describeDelivery(row);
}

export async function retryDelivery(
  context: NotificationsContext,
  actor: Actor,
  id: string,
): Promise<Delivery> {
  authorize(actor, 'notice.manage');
  const delivery = await findDelivery(context, id);
  await inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    if (!(await deliveries.makeDue(trx, delivery.id, at))) {
      throw conflict('It was delivered already, or its channel was removed.');
    }
    await appendEvidence(trx, {
      kind: 'notice.retried',
      actor: actorId(actor),
      subjects: [`notice:${delivery.noticeId}`, `notice-delivery:${delivery.id}`],
      at,
    });
  });
  return findDelivery(context, id);
}
