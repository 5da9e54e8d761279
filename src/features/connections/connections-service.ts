import { z } from 'zod';
import type { Connector, ConnectorField } from '../../connectors/connector.ts';
import type { Json } from '../../model/canonical-json.ts';
import { conflict, Failure, invalid, notFound } from '../../model/errors.ts';
import { decodeCursor, encodeCursor, type Page } from '../../model/page.ts';
import { type Actor, actorId, authorize } from '../../model/roles.ts';
import { inTransaction, type Transaction } from '../../platform/database/database.ts';
import type { SecretStore } from '../../platform/secret-store.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import { UPLOAD_KIND } from './built-in-connection.ts';
import type { Connection, ConnectorKind, SyncRun } from './connections-contract.ts';
import * as store from './connections-store.ts';
import { describeConnection, describeSync } from './describe-connection.ts';
import type { SyncContext } from './sync-engine.ts';

export type ConnectionsContext = Omit<SyncContext, 'openConnector' | 'onImages' | 'onChanged'> & {
  readonly connectors: readonly Connector[];
  readonly secrets: SecretStore;
  readonly requestSync: (connectionId: string, trx?: Transaction) => Promise<void>;
  /** After a change to a connection that has an event stream. */
  readonly onSettingsChanged: (connectionId: string) => Promise<void>;
};

const TEST_MS_MAX = 20_000;
const FOLLOWED_EVERY_SECONDS = 300;
const POLLED_EVERY_SECONDS = 900;

export function listConnectorKinds(context: ConnectionsContext, actor: Actor): ConnectorKind[] {
  authorize(actor, 'connection.read');
  return context.connectors.map((connector) => ({
    kind: connector.kind,
    title: connector.title,
    reads: connector.reads,
    leastRights: [...connector.leastRights],
    fields: connector.fields.map((field) => ({ ...field })),
  }));
}

function connectorOf(context: ConnectionsContext, kind: string): Connector {
  const found = context.connectors.find((connector) => connector.kind === kind);
  if (found === undefined) throw invalid(`There is no connector for "${kind}".`);
  return found;
}

function refuseBuiltIn(row: store.ConnectionRow): void {
  if (row.kind !== UPLOAD_KIND) return;
  throw conflict('Uploads are built in: they hold what was handed in, and nothing is read there.');
}

function checkedSettings(connector: Connector, settings: unknown): Record<string, unknown> {
  const parsed = connector.settings.safeParse(settings);
  if (parsed.success) return parsed.data as Record<string, unknown>;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw invalid(`${field === '' ? 'settings' : field}: ${issue?.message ?? 'not valid'}.`);
}

const isSecret = (field: ConnectorField): boolean => field.kind.startsWith('secret');

/** Secrets are sealed apart; the rest may be shown. */
function split(connector: Connector, settings: Readonly<Record<string, unknown>>) {
  const secretNames = new Set(connector.fields.filter(isSecret).map((field) => field.name));
  const open: Record<string, unknown> = {};
  const secret: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) {
    (secretNames.has(name) ? secret : open)[name] = value;
  }
  return { open, secret };
}

/** The settings of a connection with its secrets, for the connector alone. */
export async function readSettings(
  context: ConnectionsContext,
  row: store.ConnectionRow,
): Promise<{ connector: Connector; settings: unknown }> {
  const connector = connectorOf(context, row.kind);
  const secret =
    row.secret_id === null
      ? {}
      : JSON.parse(await context.secrets.get(context.database.kysely, row.secret_id));
  return { connector, settings: connector.settings.parse({ ...row.settings, ...secret }) };
}

export async function testConnection(
  context: ConnectionsContext,
  actor: Actor,
  form: { kind: string; settings: Record<string, unknown> },
) {
  authorize(actor, 'connection.manage');
  const connector = connectorOf(context, form.kind);
  const settings = checkedSettings(connector, form.settings);
  const signal = AbortSignal.timeout(TEST_MS_MAX);
  try {
    const tested = await connector.test({ signal, clock: context.clock }, settings);
    return { ok: true, found: tested.found, plan: tested.plan.map((part) => ({ ...part })) };
  } catch (error) {
    if (error instanceof Failure) return { ok: false, message: error.message };
    if (signal.aborted) return { ok: false, message: 'Nothing answered within 20 seconds.' };
    throw error;
  }
}

export async function createConnection(
  context: ConnectionsContext,
  actor: Actor,
  form: { kind: string; name: string; settings: Record<string, unknown> },
): Promise<Connection> {
  authorize(actor, 'connection.manage');
  const connector = connectorOf(context, form.kind);
  const settings = checkedSettings(connector, form.settings);
  const { open, secret } = split(connector, settings);
  const id = context.ids.next();
  await inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    const secretId = await sealSecrets(context, trx, id, secret);
    const added = await store.insertConnection(trx, {
      id,
      kind: form.kind,
      name: form.name,
      settings: open,
      secretId,
      everySeconds: connector.follows ? FOLLOWED_EVERY_SECONDS : POLLED_EVERY_SECONDS,
      follows: connector.follows,
      sample: false,
      at,
    });
    if (!added) throw conflict('A connection of that name is already there. Choose another name.');
    await note(context, trx, actor, 'connection.added', id, { connector: form.kind });
    if (!connector.follows) await context.requestSync(id, trx);
  });
  // A followed connection is read in full as soon as its stream is open.
  await context.onSettingsChanged(id);
  return getConnection(context, actor, id);
}

async function sealSecrets(
  context: ConnectionsContext,
  trx: Transaction,
  id: string,
  secret: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  if (Object.keys(secret).length === 0) return null;
  return context.secrets.put(trx, `connection:${id}`, JSON.stringify(secret));
}

async function note(
  context: ConnectionsContext,
  trx: Transaction,
  actor: Actor,
  kind: string,
  id: string,
  body: Json,
): Promise<void> {
  const at = context.clock.now();
  const subjects = [`connection:${id}`];
  await appendEvidence(trx, { kind, actor: actorId(actor), subjects, at, body });
}

export async function changeConnection(
  context: ConnectionsContext,
  actor: Actor,
  change: {
    id: string;
    name?: string | undefined;
    paused?: boolean | undefined;
    everySeconds?: number | undefined;
    settings?: Record<string, unknown> | undefined;
  },
): Promise<Connection> {
  authorize(actor, 'connection.manage');
  const row = await existing(context, change.id);
  if (row.sample) throw conflict('A sample connection cannot be changed; remove the sample.');
  refuseBuiltIn(row);
  const connector = connectorOf(context, row.kind);
  await inTransaction(context.database, async (trx) => {
    const fresh: { settings?: unknown; secretId?: string | null } = {};
    if (change.settings !== undefined) {
      const old = await readSettings(context, row);
      // A secret that is left out stays as it is: nobody can read it back to send it again.
      const kept = split(connector, old.settings as Record<string, unknown>).secret;
      const checked = checkedSettings(connector, { ...kept, ...change.settings });
      refuseMovedSecrets(connector, { old: old.settings, fresh: checked, given: change.settings });
      const { open, secret } = split(connector, checked);
      fresh.settings = open;
      fresh.secretId = await sealSecrets(context, trx, row.id, secret);
      if (row.secret_id !== null) await context.secrets.remove(trx, row.secret_id);
    }
    const { name, paused, everySeconds } = change;
    if (name !== undefined && (await store.isNameTaken(trx, { name, id: row.id }))) {
      throw conflict('A connection of that name is already there. Choose another name.');
    }
    await store.updateConnection(trx, row.id, { name, paused, everySeconds, ...fresh });
    await note(context, trx, actor, 'connection.changed', row.id, {
      changed: Object.keys(change).filter((key) => key !== 'id'),
      paused: paused ?? null,
    });
    if (paused !== true) await context.requestSync(row.id, trx);
  });
  await context.onSettingsChanged(row.id);
  return getConnection(context, actor, row.id);
}

/** A secret goes where it was given for: a changed address cannot send it elsewhere. */
function refuseMovedSecrets(
  connector: Connector,
  settings: { old: unknown; fresh: unknown; given: Readonly<Record<string, unknown>> },
): void {
  if (connector.address(settings.old) === connector.address(settings.fresh)) return;
  const { secret } = split(connector, settings.fresh as Record<string, unknown>);
  const kept = Object.keys(secret).filter(
    (name) => secret[name] !== undefined && settings.given[name] === undefined,
  );
  if (kept.length === 0) return;
  throw invalid(`For another address, give ${kept.join(', ')} anew.`, { code: 'secrets-needed' });
}

export async function removeConnection(
  context: ConnectionsContext,
  actor: Actor,
  id: string,
): Promise<void> {
  authorize(actor, 'connection.manage');
  const row = await existing(context, id);
  if (row.sample) throw conflict('Remove the sample estate as a whole.');
  refuseBuiltIn(row);
  await inTransaction(context.database, async (trx) => {
    await store.markRemoved(trx, row.id, context.clock.now());
    if (row.secret_id !== null) await context.secrets.remove(trx, row.secret_id);
    await note(context, trx, actor, 'connection.removed', row.id, {});
  });
  await context.onSettingsChanged(row.id);
}

async function existing(context: ConnectionsContext, id: string): Promise<store.ConnectionRow> {
  const row = z.guid().safeParse(id).success
    ? await store.findConnection(context.database.kysely, id)
    : undefined;
  if (row === undefined) throw notFound('There is no such connection.');
  return row;
}

export async function getConnection(
  context: ConnectionsContext,
  actor: Actor,
  id: string,
): Promise<Connection> {
  authorize(actor, 'connection.read');
  const [described] = await describeAll(context, [await existing(context, id)]);
  return described as Connection;
}

export async function listConnections(
  context: ConnectionsContext,
  actor: Actor,
  page: { kind?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<Page<Connection>> {
  authorize(actor, 'connection.read');
  const after = decodeCursor(page.cursor)?.[0];
  const rows = await store.listConnectionRows(context.database.kysely, {
    kind: page.kind,
    afterName: typeof after === 'string' ? after : undefined,
    limit: page.limit + 1,
  });
  const shown = rows.slice(0, page.limit);
  const items = await describeAll(context, shown);
  const last = shown.at(-1);
  if (rows.length <= page.limit || last === undefined) return { items };
  return { items, next: encodeCursor([last.name.toLowerCase()]) };
}

async function describeAll(
  context: ConnectionsContext,
  rows: readonly store.ConnectionRow[],
): Promise<Connection[]> {
  const ids = rows.map((row) => row.id);
  const db = context.database.kysely;
  const [syncs, counts] = await Promise.all([store.latestSyncs(db, ids), store.countsOf(db, ids)]);
  return rows.map((row) => {
    const connector = context.connectors.find((one) => one.kind === row.kind);
    const settings = connector?.settings.safeParse(row.settings);
    return describeConnection(row, {
      address:
        settings?.success === true ? (connector?.address(settings.data) ?? '') : addressOf(row),
      sync: syncs.find((sync) => sync.connection_id === row.id),
      counts: counts.find((count) => count.connection_id === row.id),
    });
  });
}

/** Settings without their secrets may not pass the connector's own check. */
function addressOf(row: store.ConnectionRow): string {
  const address = row.settings['address'] ?? row.settings['registry'] ?? '';
  return typeof address === 'string' ? address : '';
}

export async function startSync(
  context: ConnectionsContext,
  actor: Actor,
  id: string,
): Promise<SyncRun> {
  authorize(actor, 'connection.sync');
  const row = await existing(context, id);
  if (row.sample) throw conflict('The sample estate was recorded once; it is not read again.');
  refuseBuiltIn(row);
  if (row.paused) throw conflict('This connection is paused. Resume it first.');
  await context.requestSync(row.id);
  const [latest] = await store.latestSyncs(context.database.kysely, [row.id]);
  if (latest?.state === 'running') return describeSync(latest);
  const startedAt = context.clock.now().toISOString();
  const number = (latest?.number ?? 0) + 1;
  const changes = { appeared: 0, changed: 0, gone: 0 };
  const state = 'running' as const;
  return {
    id: '',
    connectionId: row.id,
    number,
    state,
    startedAt,
    parts: [],
    problems: [],
    changes,
  };
}

export async function getSync(
  context: ConnectionsContext,
  actor: Actor,
  id: string,
): Promise<SyncRun> {
  authorize(actor, 'connection.read');
  const row = z.guid().safeParse(id).success
    ? await store.findSync(context.database.kysely, id)
    : undefined;
  if (row === undefined) throw notFound('There is no such sync run.');
  return describeSync(row);
}

export async function listSyncs(
  context: ConnectionsContext,
  actor: Actor,
  page: { id: string; cursor?: string | undefined; limit: number },
): Promise<Page<SyncRun>> {
  authorize(actor, 'connection.read');
  const row = await existing(context, page.id);
  const before = decodeCursor(page.cursor)?.[0];
  const rows = await store.listSyncRows(context.database.kysely, {
    connectionId: row.id,
    before: typeof before === 'number' ? before : undefined,
    limit: page.limit + 1,
  });
  const items = rows.slice(0, page.limit).map(describeSync);
  const last = items.at(-1);
  if (rows.length <= page.limit || last === undefined) return { items };
  return { items, next: encodeCursor([last.number]) };
}
