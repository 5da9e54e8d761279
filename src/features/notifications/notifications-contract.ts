import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';
import { pageOf, pageQuery } from '../../model/page.ts';

export const Severity = z.enum(['info', 'warning', 'critical']);
export type Severity = z.output<typeof Severity>;

/** Something a person should know, in their inbox. */
export const Notice = z.object({
  id: z.string(),
  /** `connection.stopped`: what happened, for programs. */
  kind: z.string(),
  severity: Severity,
  title: z.string(),
  body: z.string(),
  /** A path of the console: `/connections/…`. */
  link: z.string(),
  /** How often it happened while it was news. */
  times: z.number().int(),
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  readAt: z.iso.datetime().optional(),
});
export type Notice = z.output<typeof Notice>;

// What every mail server takes (RFC 5321's dot-string); nothing in it can end a header.
const mailAddress = z
  .string()
  .max(254)
  .regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$/, 'is no mail address');

const smtp = {
  kind: z.literal('smtp'),
  host: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9._:-]+$/, 'is no host name'),
  port: z.number().int().min(1).max(65_535),
  /** `tls` from the first byte (465), `starttls` before anything is said (587). */
  security: z.enum(['tls', 'starttls', 'none']),
  user: z.string().min(1).max(300).optional(),
  from: mailAddress,
  /** Empty: whoever each notice is for. */
  to: z.array(mailAddress).max(50),
};
const webhook = { kind: z.literal('webhook'), url: z.url().max(2000) };

/** Settings as they are shown: without secrets. */
export const ChannelSettings = z.discriminatedUnion('kind', [z.object(smtp), z.object(webhook)]);
export type ChannelSettings = z.output<typeof ChannelSettings>;

/** Settings as they are given. A secret that is left out of a change stays as it is. */
const givenSettings = z.discriminatedUnion('kind', [
  z.object({ ...smtp, password: z.string().min(1).max(1000).optional() }),
  z.object({
    ...webhook,
    /** `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks has it. */
    secret: z.string().max(200).optional(),
  }),
]);
export type GivenSettings = z.output<typeof givenSettings>;

export const NoticeChannel = z.object({
  id: z.string(),
  name: z.string(),
  settings: ChannelSettings,
  hasSecret: z.boolean(),
  /** Notices below this stay in the inbox. */
  severityMin: Severity,
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  waiting: z.number().int(),
  parked: z.number().int(),
});
export type NoticeChannel = z.output<typeof NoticeChannel>;

export const DeliveryState = z.enum(['waiting', 'delivered', 'parked']);

/** One notice on its way through one channel. */
export const Delivery = z.object({
  id: z.string(),
  noticeId: z.string(),
  title: z.string(),
  channelId: z.string(),
  channelName: z.string(),
  /** `parked`: given up after many tries; a person may try again. */
  state: DeliveryState,
  tries: z.number().int(),
  nextAt: z.iso.datetime().optional(),
  lastError: z.string().optional(),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
});
export type Delivery = z.output<typeof Delivery>;

const byId = z.object({ id: z.string().max(100) });
const name = z.string().trim().min(1).max(200);

export const notificationsEndpoints = {
  listNotices: endpoint({
    method: 'GET',
    path: '/api/v1/notices',
    summary: 'My notices, newest first.',
    action: 'notice.read',
    query: z.object({ ...pageQuery, unread: z.stringbool().default(false) }),
    response: pageOf(Notice),
  }),
  countUnreadNotices: endpoint({
    method: 'GET',
    path: '/api/v1/notices/unread',
    summary: 'How many notices I have not read; counting stops at 100.',
    action: 'notice.read',
    response: z.object({ unread: z.number().int(), isMore: z.boolean() }),
  }),
  readNotice: endpoint({
    method: 'POST',
    path: '/api/v1/notices/:id/read',
    summary: 'Mark one of my notices as read.',
    action: 'notice.read',
    params: byId,
  }),
  readAllNotices: endpoint({
    method: 'POST',
    path: '/api/v1/notices/read',
    summary: 'Mark all my notices as read.',
    action: 'notice.read',
  }),
  listNoticeChannels: endpoint({
    method: 'GET',
    path: '/api/v1/notice-channels',
    summary: 'Where notices go besides the inbox.',
    action: 'notice.manage',
    response: z.object({ items: z.array(NoticeChannel) }),
  }),
  createNoticeChannel: endpoint({
    method: 'POST',
    path: '/api/v1/notice-channels',
    summary: 'Send notices by mail or to a signed webhook.',
    action: 'notice.manage',
    body: z.object({ name, severityMin: Severity.default('warning'), settings: givenSettings }),
    response: NoticeChannel,
    status: 201,
  }),
  changeNoticeChannel: endpoint({
    method: 'PATCH',
    path: '/api/v1/notice-channels/:id',
    summary: 'Rename, hold, resume, or give new settings. A secret left out stays as it is.',
    action: 'notice.manage',
    params: byId,
    body: z.object({
      name: name.optional(),
      severityMin: Severity.optional(),
      enabled: z.boolean().optional(),
      settings: givenSettings.optional(),
    }),
    response: NoticeChannel,
  }),
  removeNoticeChannel: endpoint({
    method: 'DELETE',
    path: '/api/v1/notice-channels/:id',
    summary: 'Remove a channel. What waits for it is given up.',
    action: 'notice.manage',
    params: byId,
  }),
  testNoticeChannel: endpoint({
    method: 'POST',
    path: '/api/v1/notice-channels/:id/test',
    summary: 'Send a test message now and say whether it was taken.',
    action: 'notice.manage',
    params: byId,
    response: z.object({ ok: z.boolean(), message: z.string().optional() }),
  }),
  listNoticeDeliveries: endpoint({
    method: 'GET',
    path: '/api/v1/notice-deliveries',
    summary: 'What was sent, what waits and what was given up, newest first.',
    action: 'notice.manage',
    query: z.object({
      ...pageQuery,
      channelId: z.guid().optional(),
      state: DeliveryState.optional(),
    }),
    response: pageOf(Delivery),
  }),
  retryNoticeDelivery: endpoint({
    method: 'POST',
    path: '/api/v1/notice-deliveries/:id/retry',
    summary: 'Try a waiting or parked delivery again now.',
    action: 'notice.manage',
    params: byId,
    response: Delivery,
    status: 202,
  }),
};
