import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { registerEndpoints } from '../../platform/http/routes.ts';
import type { JobKind, Jobs } from '../../platform/jobs.ts';
import { createOutboundPost } from '../../platform/outbound/outbound-post.ts';
import * as channels from './channel-service.ts';
import { Deliverer, type NotificationsContext } from './deliverer.ts';
import { removeOldNotices } from './inbox-store.ts';
import { notificationsEndpoints } from './notifications-contract.ts';
import * as service from './notifications-service.ts';

export { type NewNotice, type NoticeAudience, notify } from './notify.ts';

const sweepJob: JobKind<Record<string, never>> = {
  name: 'notifications.sweep',
  data: z.object({}),
  overlap: 'allowed',
};

const KEPT_DAYS = 180;

/** The door of notices beside `notify`: the inbox, the channels, and what empties the outbox. */
export type Notifications = {
  readonly registerRoutes: (server: FastifyInstance) => void;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

export function createNotifications(
  options: Omit<NotificationsContext, 'outboundPost' | 'random'> & { readonly jobs: Jobs },
): Notifications {
  const outboundPost = createOutboundPost();
  const context = { ...options, outboundPost, random: Math.random };
  const deliverer = new Deliverer(context);
  options.jobs.handle(sweepJob, async () => {
    const before = new Date(options.clock.now().getTime() - KEPT_DAYS * 86_400_000);
    await removeOldNotices(options.database.kysely, before);
  });
  options.jobs.schedule(sweepJob, '40 3 * * *', {});
  return {
    registerRoutes: (server) => registerNotifications(server, context),
    start: () => deliverer.start(),
    stop: async () => {
      await deliverer.stop();
      await outboundPost.close();
    },
  };
}

export function registerNotifications(
  server: FastifyInstance,
  context: NotificationsContext,
): void {
  registerEndpoints(server, notificationsEndpoints, {
    listNotices: ({ actor, query }) => service.listNotices(context, actor, query),
    countUnreadNotices: ({ actor }) => service.countUnread(context, actor),
    readNotice: ({ actor, params }) => service.readNotice(context, actor, params.id),
    readAllNotices: ({ actor }) => service.readAllNotices(context, actor),
    listNoticeChannels: ({ actor }) => channels.listChannels(context, actor),
    createNoticeChannel: ({ actor, body }) => channels.createChannel(context, actor, body),
    changeNoticeChannel: ({ actor, params, body }) =>
      channels.changeChannel(context, actor, { id: params.id, ...body }),
    removeNoticeChannel: ({ actor, params }) => channels.removeChannel(context, actor, params.id),
    testNoticeChannel: ({ actor, params }) => channels.testChannel(context, actor, params.id),
    listNoticeDeliveries: ({ actor, query }) => service.listDeliveries(context, actor, query),
    retryNoticeDelivery: ({ actor, params }) => service.retryDelivery(context, actor, params.id),
  });
}
