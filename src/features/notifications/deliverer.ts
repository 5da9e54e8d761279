import { Failure, publicMessage } from '../../model/errors.ts';
import type { Ids } from '../../platform/clock.ts';
import { type Database, inTransaction } from '../../platform/database/database.ts';
import { errorFields, type Log } from '../../platform/log.ts';
import type { SecretStore } from '../../platform/secret-store.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import * as store from './delivery-store.ts';
import { GONE_CODE, type SenderContext, sendNotice } from './send-notice.ts';

export type NotificationsContext = SenderContext & {
  readonly database: Database;
  readonly secrets: SecretStore;
  readonly ids: Ids;
  readonly log: Log;
  /** Between 0 and 1, for waits that do not all end at once. */
  readonly random: () => number;
};

const LOOK_EVERY_MS = 1_000;
const AT_ONCE = 5;
/** Longer than any try may take, so that no two servers send the same at once. */
const CLAIM_MS = 60_000;
const RETRY_MS_MIN = 10_000;
const RETRY_MS_MAX = 6 * 3_600_000;
/** About a day and a half with the waits above. */
export const TRIES_MAX = 12;
export const RECIPIENTS_MAX = 100;

/**
 * How long to wait after a try: three times longer each time up to six hours, and of that between
 * half and all, so that a receiver that comes back is not met by everything at once.
 */
export function retryAfterMs(tries: number, random: number): number {
  const whole = Math.min(RETRY_MS_MIN * 3 ** (tries - 1), RETRY_MS_MAX);
  return Math.round(whole / 2 + (whole / 2) * random);
}

/** Empties the outbox for as long as the server runs; any number of servers may. */
export class Deliverer {
  readonly #context: NotificationsContext;
  readonly #busy = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = true;

  constructor(context: NotificationsContext) {
    this.#context = context;
  }

  start(): void {
    this.#isStopped = false;
    const tick = async (): Promise<void> => {
      await this.#look();
      if (!this.#isStopped) this.#timer = setTimeout(next, LOOK_EVERY_MS);
    };
    const next = (): void => {
      this.#looking = tick();
    };
    next();
  }

  /** Waits for what is on its way; the rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#busy.values());
  }

  /** Sends what is due now, until nothing is. */
  async deliverDue(): Promise<void> {
    await this.#look();
    await Promise.all(this.#busy.values());
  }

  /** Each channel has its own turn: one that does not answer holds up no other. */
  async #look(): Promise<void> {
    const { database, clock, log } = this.#context;
    try {
      for (const channelId of await store.listDueChannels(database.kysely, clock.now())) {
        if (this.#busy.has(channelId)) continue;
        const done = this.#drain(channelId).finally(() => this.#busy.delete(channelId));
        this.#busy.set(channelId, done);
      }
    } catch (error) {
      log.warn('The outbox could not be read.', errorFields(error));
    }
  }

  async #drain(channelId: string): Promise<void> {
    const { database, clock, log } = this.#context;
    try {
      do {
        const at = clock.now();
        const until = new Date(at.getTime() + CLAIM_MS);
        const claim = { channelId, at, until, limit: AT_ONCE };
        const claimed = await store.claimDeliveries(database.kysely, claim);
        await Promise.all(claimed.map((delivery) => deliver(this.#context, delivery)));
        if (claimed.length < AT_ONCE) return;
      } while (!this.#isStopped);
    } catch (error) {
      log.warn('Notices could not be delivered.', { channelId, ...errorFields(error) });
    }
  }
}

async function deliver(
  context: NotificationsContext,
  delivery: store.ClaimedDelivery,
): Promise<void> {
  try {
    const remark = await sendClaimed(context, delivery);
    await noteOutcome(context, delivery, { state: 'delivered', error: remark ?? null });
  } catch (error) {
    if (!(error instanceof Failure)) {
      context.log.error('A notice could not be sent.', {
        deliveryId: delivery.id,
        ...errorFields(error),
      });
    }
    const isGone = error instanceof Failure && error.code === GONE_CODE;
    const state = isGone || delivery.tries >= TRIES_MAX ? 'parked' : 'waiting';
    await noteOutcome(context, delivery, { state, error: publicMessage(error) });
  }
}

async function sendClaimed(
  context: NotificationsContext,
  delivery: store.ClaimedDelivery,
): Promise<string | undefined> {
  const db = context.database.kysely;
  const { settings, secret_id } = delivery;
  const isToAudience = settings.kind === 'smtp' && settings.to.length === 0;
  const audience = isToAudience
    ? await store.listRecipients(db, delivery.notice_number, RECIPIENTS_MAX)
    : [];
  const secret = secret_id === null ? undefined : await context.secrets.get(db, secret_id);
  const { id, notice_id: noticeId, kind, severity, title, body, link, first_at: at } = delivery;
  const outgoing = { id, noticeId, kind, severity, title, body, link, at };
  return sendNotice(context, { settings, secret, audience }, outgoing);
}

async function noteOutcome(
  context: NotificationsContext,
  delivery: store.ClaimedDelivery,
  outcome: { state: 'waiting' | 'delivered' | 'parked'; error: string | null },
): Promise<void> {
  const at = context.clock.now();
  const nextAt = new Date(at.getTime() + retryAfterMs(delivery.tries, context.random()));
  await inTransaction(context.database, async (trx) => {
    const isOurs = await store.noteOutcome(trx, delivery, { ...outcome, at, nextAt });
    if (!isOurs || outcome.state === 'waiting') return;
    await appendEvidence(trx, {
      kind: outcome.state === 'delivered' ? 'notice.delivered' : 'notice.parked',
      actor: 'system:notices',
      subjects: [`notice:${delivery.notice_id}`, `notice-delivery:${delivery.id}`],
      at,
      body: { tries: delivery.tries },
    });
  });
}
