import type { SyncRun } from '../../../../src/features/connections/connections-contract.ts';
import {
  type Connection,
  connectionsEndpoints,
} from '../../../../src/features/connections/connections-contract.ts';
import { useApi } from '../../kit/api.ts';
import { formatSpan } from '../../kit/format.ts';
import { type Column, DataTable } from '../../kit/list-page.tsx';
import { A, oneOf, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { changeWords, Problems, RunPill, RunProgress } from '../../kit/run-page.tsx';
import { Seal } from '../../kit/seal.tsx';
import { Answered, EmptyState } from '../../kit/states.tsx';
import { Card, Identifier, ThingPage } from '../../kit/templates.tsx';
import { ExactTime, Time } from '../../kit/time.tsx';
import { EvidenceOf } from '../evidence/evidence-of.tsx';
import { ConnectionActs } from './connection-acts.tsx';
import { ConnectionPill, countWords } from './connection-words.tsx';

/** One connection: its reading as it happens, what it could not read, what it changed. */
export function ConnectionPage({ id }: { readonly id: string }) {
  const connection = useApi(
    connectionsEndpoints.getConnection,
    { params: { id } },
    // A second while something runs; a person watches the bars.
    { every: 1_000 },
  );
  return <Answered query={connection}>{(found) => <Found connection={found} />}</Answered>;
}

function Found({ connection }: { readonly connection: Connection }) {
  const { search, hrefWith } = useSearchState();
  const tab = oneOf(search['tab'], ['now', 'runs', 'evidence']) ?? 'now';
  return (
    <ThingPage
      acts={<ConnectionActs connection={connection} />}
      crumbs={<A href="/connections">Connections</A>}
      identifier={<Identifier text={connection.address} what="the address" />}
      pills={
        <>
          <ConnectionPill connection={connection} />
          {connection.sample ? <Pill tone="plain">Sample</Pill> : null}
        </>
      }
      summary={<Summary connection={connection} />}
      tab={tab}
      tabs={[
        { id: 'now', label: 'Now', href: hrefWith({ tab: undefined }) },
        { id: 'runs', label: 'Runs', href: hrefWith({ tab: 'runs' }) },
        { id: 'evidence', label: 'Evidence', href: hrefWith({ tab: 'evidence' }) },
      ]}
      title={connection.name}
    >
      {tab === 'now' ? <Now connection={connection} /> : null}
      {tab === 'runs' ? <Runs id={connection.id} /> : null}
      {tab === 'evidence' ? <EvidenceOf subject={`connection:${connection.id}`} /> : null}
    </ThingPage>
  );
}

function Summary({ connection }: { readonly connection: Connection }) {
  if (connection.stateReason !== undefined) return connection.stateReason;
  const every = `Read whole every ${formatSpan(connection.everySeconds * 1000)}`;
  return connection.follows ? `${every}; its own events are followed in between.` : `${every}.`;
}

function Now({ connection }: { readonly connection: Connection }) {
  const run = connection.lastSync;
  return (
    <div className="stack">
      <div className="cards">
        {run === undefined ? null : <LastRun run={run} />}
        <Card
          rows={[
            {
              name: 'Running containers',
              value: (
                <A href={`/containers?connection=${connection.id}`}>
                  {connection.counts.containersRunning}
                </A>
              ),
            },
            {
              name: 'Images',
              value: <A href={`/images?connection=${connection.id}`}>{connection.counts.images}</A>,
            },
            { name: 'Hosts', value: connection.counts.hosts },
            {
              name: 'Connected',
              value: <Time at={connection.createdAt} />,
            },
          ]}
          sentence={`It sees ${countWords(connection.counts)}.`}
          title="What it sees"
        />
      </div>
      {run === undefined ? null : <Problems problems={run.problems} />}
    </div>
  );
}

function LastRun({ run }: { readonly run: SyncRun }) {
  const isRunning = run.state === 'running';
  return (
    <section aria-live="polite" className="card">
      <h2 className="row">
        Reading {run.number} <RunPill state={run.state} />
      </h2>
      <p className="sentence">
        {isRunning ? (
          <>
            Started <Time at={run.startedAt} />.
          </>
        ) : (
          <>
            {run.endedAt === undefined ? null : <Time at={run.endedAt} />}:{' '}
            {changeWords(run.changes)}.
          </>
        )}
      </p>
      <RunProgress run={run} />
      {run.endedAt === undefined ? null : (
        <Seal
          seal={{ seenAt: run.endedAt, stale: false, by: 'seen', evidenceId: run.evidenceId }}
          verb="ended"
        />
      )}
    </section>
  );
}

const columns: readonly Column<SyncRun>[] = [
  {
    head: 'Run',
    text: ({ number }) => number,
    cell: (run) => (
      <>
        <span className="what">Reading {run.number}</span>
        <div className="small">
          <ExactTime at={run.startedAt} />
        </div>
      </>
    ),
  },
  {
    head: 'State',
    text: ({ state }) => state,
    cell: ({ state, problems }) => (
      <>
        <RunPill state={state} />
        <div className="small">{problems[0]?.message}</div>
      </>
    ),
  },
  {
    head: 'What it changed',
    text: ({ changes }) => changeWords(changes),
    cell: ({ changes }) => changeWords(changes),
  },
  {
    head: 'Proof',
    text: ({ evidenceId }) => evidenceId,
    isWide: true,
    cell: ({ endedAt, evidenceId }) =>
      endedAt === undefined ? null : (
        <Seal seal={{ seenAt: endedAt, stale: false, by: 'seen', evidenceId }} verb="ended" />
      ),
  },
];

function Runs({ id }: { readonly id: string }) {
  const { search } = useSearchState();
  const runs = useApi(
    connectionsEndpoints.listSyncs,
    { params: { id }, query: { cursor: search['cursor'] } },
    { every: 2_000, keeps: true },
  );
  return (
    <DataTable
      columns={columns}
      empty={<EmptyState title="Not read yet">The first reading starts by itself.</EmptyState>}
      keyOf={(run) => run.id}
      name="Runs"
      query={runs}
    />
  );
}
