import { z } from 'zod';
import { parseWebhookSecret } from '../../formats/standard-webhook.ts';
import { conflict, Failure, invalid, notFound } from '../../model/errors.ts';
import { type Actor, actorId, authorize } from '../../model/roles.ts';
import { inTransaction, type Transaction } from '../../platform/database/database.ts';
import { assertMayCall } from '../../platform/outbound/address-rule.ts';
import { assertMayCallHost } from '../../platform/outbound/outbound-mail.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import * as store from './channel-store.ts';
import type { NotificationsContext } from './deliverer.ts';
import type {
  ChannelSettings,
  GivenSettings,
  NoticeChannel,
  Severity,
} from './notifications-contract.ts';
import { sendNotice } from './send-notice.ts';

const CHANNELS_MAX = 50;

function describe(row: store.ChannelRow): NoticeChannel {
  return {
    id: row.id,
    name: row.name,
    settings: row.settings,
    hasSecret: row.secret_id !== null,
    severityMin: row.severity_min,
    enabled: row.enabled,
    createdAt: row.created_at.toISOString(),
    waiting: row.waiting,
    parked: row.parked,
  };
}

export async function listChannels(
  context: NotificationsContext,
  actor: Actor,
): Promise<{ items: NoticeChannel[] }> {
  authorize(actor, 'notice.manage');
  const page = { limit: CHANNELS_MAX };
  const rows = await store.listChannelRows(context.database.kysely, page);
  return { items: rows.map(describe) };
}

async function getRow(context: NotificationsContext, id: string): Promise<store.ChannelRow> {
  const [row] = z.guid().safeParse(id).success
    ? await store.listChannelRows(context.database.kysely, { id, limit: 1 })
    : [];
  if (row === undefined) throw notFound('There is no such channel.');
  return row;
}

/** What may be shown, apart from what is sealed. */
function split(given: GivenSettings): { settings: ChannelSettings; secret: string | undefined } {
  if (given.kind === 'webhook') {
    const { secret, ...settings } = given;
    return { settings, secret };
  }
  const { password, ...settings } = given;
  return { settings, secret: password };
}

function checkWebhook(url: string, secret: string | undefined): void {
  const { protocol, username, password, hash } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw invalid('A webhook is called by HTTP.');
  if (username !== '' || password !== '' || hash !== '') {
    throw invalid('The address may hold no user, password or fragment.');
  }
  assertMayCall(new URL(url));
  if (secret !== undefined && parseWebhookSecret(secret) === undefined) {
    throw invalid('The secret must be whsec_ and 24 to 64 bytes in base64.');
  }
}

/** Throws unless the settings with this secret (kept or given) can work. */
function check(settings: ChannelSettings, given: string | undefined, hasSecret: boolean): void {
  if (settings.kind === 'webhook') {
    checkWebhook(settings.url, given);
    if (!hasSecret) throw invalid('A webhook needs a secret to be signed with.');
    return;
  }
  assertMayCallHost(settings.host);
  if ((settings.user === undefined) === hasSecret) {
    throw invalid('Give a user and a password, or neither.');
  }
  if (hasSecret && settings.security === 'none') {
    throw invalid('A password is only sent over TLS: choose tls or starttls.');
  }
}

function seal(
  context: NotificationsContext,
  trx: Transaction,
  id: string,
  secret: string | undefined,
): Promise<string | null> {
  if (secret === undefined) return Promise.resolve(null);
  return context.secrets.put(trx, `notice-channel:${id}`, secret);
}

export async function createChannel(
  context: NotificationsContext,
  actor: Actor,
  form: { name: string; severityMin: Severity; settings: GivenSettings },
): Promise<NoticeChannel> {
  authorize(actor, 'notice.manage');
  const { settings, secret } = split(form.settings);
  check(settings, secret, secret !== undefined);
  const { name, severityMin } = form;
  const id = context.ids.next();
  await inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    if ((await store.countChannels(trx)) >= CHANNELS_MAX) {
      throw conflict(`There may be ${CHANNELS_MAX} channels. Remove one first.`);
    }
    const secretId = await seal(context, trx, id, secret);
    if (!(await store.insertChannel(trx, { id, name, settings, secretId, severityMin, at }))) {
      throw conflict('A channel of that name is already there. Choose another name.');
    }
    await note(trx, { kind: 'notice-channel.added', actor, id, at });
  });
  return describe(await getRow(context, id));
}

function note(
  trx: Transaction,
  { kind, actor, id, at }: { kind: string; actor: Actor; id: string; at: Date },
): Promise<string> {
  const subjects = [`notice-channel:${id}`];
  return appendEvidence(trx, { kind, actor: actorId(actor), subjects, at });
}

/** A stored password goes nowhere but to the server it was given for. */
function keepsSecret(old: ChannelSettings, settings: ChannelSettings): boolean {
  if (old.kind === 'webhook' || settings.kind === 'webhook') return old.kind === settings.kind;
  const isSameServer = old.host === settings.host && old.port === settings.port;
  return isSameServer && settings.user !== undefined && settings.user === old.user;
}

export async function changeChannel(
  context: NotificationsContext,
  actor: Actor,
  change: {
    id: string;
    name?: string | undefined;
    severityMin?: Severity | undefined;
    enabled?: boolean | undefined;
    settings?: GivenSettings | undefined;
  },
): Promise<NoticeChannel> {
  authorize(actor, 'notice.manage');
  const row = await getRow(context, change.id);
  await inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    const fresh = { ...row };
    if (change.settings !== undefined) {
      const { settings, secret } = split(change.settings);
      const isKept = secret === undefined && keepsSecret(row.settings, settings);
      check(settings, secret, isKept ? row.secret_id !== null : secret !== undefined);
      fresh.settings = settings;
      if (!isKept) {
        fresh.secret_id = await seal(context, trx, row.id, secret);
        if (row.secret_id !== null) await context.secrets.remove(trx, row.secret_id);
      }
    }
    fresh.name = change.name ?? row.name;
    fresh.enabled = change.enabled ?? row.enabled;
    fresh.severity_min = change.severityMin ?? row.severity_min;
    if (await store.isNameTaken(trx, fresh.name, row.id)) {
      throw conflict('A channel of that name is already there. Choose another name.');
    }
    await store.updateChannel(trx, fresh);
    await note(trx, { kind: 'notice-channel.changed', actor, id: row.id, at });
  });
  return describe(await getRow(context, row.id));
}

export async function removeChannel(
  context: NotificationsContext,
  actor: Actor,
  id: string,
): Promise<void> {
  authorize(actor, 'notice.manage');
  const row = await getRow(context, id);
  await inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    await store.markRemoved(trx, row.id, at);
    if (row.secret_id !== null) await context.secrets.remove(trx, row.secret_id);
    await note(trx, { kind: 'notice-channel.removed', actor, id: row.id, at });
  });
}

/** Sends at once, beside the outbox; to whoever asks where a channel mails each notice's people. */
export async function testChannel(
  context: NotificationsContext,
  actor: Actor,
  id: string,
): Promise<{ ok: boolean; message?: string }> {
  authorize(actor, 'notice.manage');
  const row = await getRow(context, id);
  const db = context.database.kysely;
  const at = context.clock.now();
  const audience = actor.kind === 'user' ? await store.listMailAddresses(db, [actor.userId]) : [];
  const outgoing = {
    id: context.ids.next(),
    noticeId: context.ids.next(),
    kind: 'test',
    severity: 'info',
    title: 'A test message',
    body: `Somebody tested the channel "${row.name}". Nothing is wrong.`,
    link: '/',
    at,
  } as const;
  await inTransaction(context.database, (trx) =>
    note(trx, { kind: 'notice-channel.tested', actor, id: row.id, at }),
  );
  try {
    const secret =
      row.secret_id === null ? undefined : await context.secrets.get(db, row.secret_id);
    const channel = { settings: row.settings, secret, audience };
    const message = await sendNotice(context, channel, outgoing);
    return { ok: true, ...(message === undefined ? {} : { message }) };
  } catch (error) {
    if (error instanceof Failure) return { ok: false, message: error.message };
    throw error;
  }
}
