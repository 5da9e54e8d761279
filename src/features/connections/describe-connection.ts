import type { Connection, SyncRun } from './connections-contract.ts';
import type { ConnectionRow, CountRow, SyncRow } from './connections-store.ts';

export function describeSync(row: SyncRow): SyncRun {
  return {
    id: row.id,
    connectionId: row.connection_id,
    number: row.number,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
    parts: row.parts,
    problems: [...row.problems],
    changes: { appeared: row.appeared, changed: row.changed, gone: row.gone },
    ...(row.evidence_id === null ? {} : { evidenceId: row.evidence_id }),
  };
}

type Around = {
  readonly address: string;
  readonly sync: SyncRow | undefined;
  readonly counts: CountRow | undefined;
};

export function describeConnection(row: ConnectionRow, around: Around): Connection {
  const { sync, counts } = around;
  const reason = reasonOf(row, sync);
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    address: around.address,
    state: stateOf(row, sync),
    ...(reason === undefined ? {} : { stateReason: reason }),
    ...(row.last_good_at === null ? {} : { lastGoodSyncAt: row.last_good_at.toISOString() }),
    ...(sync === undefined ? {} : { lastSync: describeSync(sync) }),
    follows: row.follows,
    everySeconds: row.every_seconds,
    sample: row.sample,
    createdAt: row.created_at.toISOString(),
    counts: {
      hosts: counts?.hosts ?? 0,
      containersRunning: counts?.containers_running ?? 0,
      images: counts?.images ?? 0,
      repositories: counts?.repositories ?? 0,
    },
  };
}

function stateOf(row: ConnectionRow, sync: SyncRow | undefined): Connection['state'] {
  if (row.paused) return 'paused';
  if (row.stopped_at !== null) return 'stopped';
  if (sync?.state === 'running') return 'reading';
  if (row.last_good_at === null) return 'new';
  return sync?.state === 'partial' ? 'partial' : 'fresh';
}

function reasonOf(row: ConnectionRow, sync: SyncRow | undefined): string | undefined {
  if (row.stopped_reason !== null) return row.stopped_reason;
  if (sync?.state !== 'partial') return undefined;
  const [first, ...rest] = sync.problems;
  if (first === undefined) return undefined;
  const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
  return `Not read: ${first.subject}${more}.`;
}
