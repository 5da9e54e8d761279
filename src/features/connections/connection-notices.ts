import { sql } from 'kysely';
import type { ReadProblem } from '../../model/observation.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { type NoticeAudience, notify } from '../notifications/notifications.ts';

type Told = { readonly id: string; readonly name: string };

const audience: readonly NoticeAudience[] = [{ role: 'operator' }, { role: 'owner' }];
const PROBLEMS_NAMED = 3;

/** When the connection stopped, or null while it works; nobody changes it until the commit. */
export async function lockStoppedAt(trx: Transaction, connectionId: string): Promise<Date | null> {
  const found = await sql<{ stopped_at: Date | null }>`
    select stopped_at from connections.connection
    where id = ${connectionId}::uuid for update`.execute(trx);
  return found.rows[0]?.stopped_at ?? null;
}

/**
 * Tells operators and owners once that a connection stopped, and once that it works again, however
 * often it is tried in between.
 */
export async function tellHealth(
  trx: Transaction,
  connection: Told,
  change: { readonly stoppedAt: Date | null; readonly reason: string | null; readonly at: Date },
): Promise<void> {
  const { stoppedAt, reason, at } = change;
  const { id, name } = connection;
  const told = { link: `/connections/${id}`, audience, at } as const;
  if (stoppedAt === null && reason !== null) {
    await notify(trx, {
      ...told,
      key: `connection.stopped:${id}:${at.toISOString()}`,
      kind: 'connection.stopped',
      severity: 'critical',
      title: `${name} cannot be read`,
      body: `${reason} What it held is shown as it was last seen; it is tried again by itself.`,
    });
  }
  if (stoppedAt !== null && reason === null) {
    await notify(trx, {
      ...told,
      key: `connection.recovered:${id}:${stoppedAt.toISOString()}`,
      kind: 'connection.recovered',
      severity: 'warning',
      title: `${name} can be read again`,
      body: `It had stopped at ${stoppedAt.toISOString()}. A full reading shows what changed since.`,
    });
  }
}

/** Tells them of what a partial reading could not read, when the one before it could. */
export async function tellProblems(
  trx: Transaction,
  connection: Told,
  reading: { readonly problems: readonly ReadProblem[]; readonly run: number; readonly at: Date },
): Promise<void> {
  const { problems, run, at } = reading;
  if (problems.length === 0) return;
  const known = await listKnownProblems(trx, connection.id, run);
  const fresh = problems.filter(({ subject }) => !known.has(subject));
  if (fresh.length === 0) return;
  const named = fresh
    .slice(0, PROBLEMS_NAMED)
    .map(({ subject, message }) => `${subject.slice(0, 200)}: ${message.slice(0, 300)}`);
  const more = fresh.length > named.length ? ` And ${fresh.length - named.length} more.` : '';
  await notify(trx, {
    key: `connection.partial:${connection.id}`,
    kind: 'connection.partial',
    severity: 'warning',
    title: `${connection.name} can be read only in part`,
    body: `${named.join(' ')}${more}`,
    link: `/connections/${connection.id}`,
    audience,
    at,
  });
}

/** Subjects that the last reading before this one that got through could not read either. */
async function listKnownProblems(
  trx: Transaction,
  connectionId: string,
  run: number,
): Promise<ReadonlySet<string>> {
  const found = await sql<{ problems: ReadProblem[] }>`
    select problems from connections.sync_run
    where connection_id = ${connectionId}::uuid and number < ${run}
      and state in ('good', 'partial')
    order by number desc limit 1`.execute(trx);
  return new Set((found.rows[0]?.problems ?? []).map(({ subject }) => subject));
}
