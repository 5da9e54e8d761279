import { Button } from '@mantine/core';
import {
  type Connection,
  connectionsEndpoints,
} from '../../../../src/features/connections/connections-contract.ts';
import { client, useApi } from '../../kit/api.ts';
import { type Column, ListPage } from '../../kit/list-page.tsx';
import { A, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { useMay } from '../../kit/session.ts';
import { EmptyState } from '../../kit/states.tsx';
import { Time } from '../../kit/time.tsx';
import { ConnectionPill, connectionsSummary, countWords } from './connection-words.tsx';

const columns: readonly Column<Connection>[] = [
  {
    head: 'Connection',
    isMain: true,
    text: ({ name }) => name,
    cell: (connection) => (
      <>
        <A className="what" href={`/connections/${connection.id}`}>
          {connection.name}
        </A>{' '}
        {connection.sample ? <Pill tone="plain">sample</Pill> : null}
        <div className="small mono">{connection.address}</div>
      </>
    ),
  },
  { head: 'Kind', text: ({ kind }) => kind, isWide: true, cell: ({ kind }) => kind },
  {
    head: 'State',
    text: ({ state }) => state,
    cell: (connection) => (
      <>
        <ConnectionPill connection={connection} />
        <div className="small">{connection.stateReason}</div>
      </>
    ),
  },
  {
    head: 'What it sees',
    text: ({ counts }) => countWords(counts),
    isWide: true,
    cell: ({ counts }) => countWords(counts),
  },
  {
    head: 'Last read',
    text: ({ lastGoodSyncAt }) => lastGoodSyncAt,
    isEnd: true,
    cell: ({ lastGoodSyncAt, follows }) => (
      <>
        {lastGoodSyncAt === undefined ? 'never' : <Time at={lastGoodSyncAt} />}
        {follows ? <div className="small">follows events</div> : null}
      </>
    ),
  },
];

/** Every external system, and how fresh what it says is. */
export function ConnectionsPage() {
  const mayConnect = useMay('connection.manage');
  const { search, hrefWith } = useSearchState();
  const query = { kind: search['kind'], cursor: search['cursor'] };
  const endpoint = connectionsEndpoints.listConnections;
  const connections = useApi(endpoint, { query }, { every: 2_000, keeps: true });
  const kinds = useApi(connectionsEndpoints.listConnectorKinds, {}, { isFixed: true });
  const all = connections.data?.items ?? [];
  return (
    <ListPage
      acts={
        mayConnect ? (
          <Button component={A} href="/connections/add">
            Connect a system
          </Button>
        ) : null
      }
      chips={(kinds.data?.items ?? []).map(({ kind, title }) => ({
        label: title,
        href: hrefWith({ kind: search['kind'] === kind ? undefined : kind }),
        isOn: search['kind'] === kind,
      }))}
      columns={columns}
      empty={
        <EmptyState
          act={mayConnect ? { label: 'Connect a system', href: '/connections/add' } : undefined}
          title="Nothing is connected yet"
        >
          A connection lets Wharfinger read one system: a Docker Engine, for instance. It only ever
          reads.
        </EmptyState>
      }
      keyOf={({ id }) => id}
      name="Connections"
      query={connections}
      readPage={(cursor) => client(endpoint, { query: { ...query, cursor, limit: 200 } })}
      summary={connections.data === undefined ? undefined : connectionsSummary(all)}
      title="Connections"
    />
  );
}
