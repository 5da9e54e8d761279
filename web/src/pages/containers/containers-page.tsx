import {
  type ContainerRow,
  containerSorts,
  inventoryEndpoints,
} from '../../../../src/features/inventory/inventory-contract.ts';
import type { EndpointResult } from '../../../../src/model/endpoint.ts';
import { client, useApi } from '../../kit/api.ts';
import { formatCount, formatExact, listWords, plural } from '../../kit/format.ts';
import { type Chip, type Column, ListPage } from '../../kit/list-page.tsx';
import { A, oneOf, type Search, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { EmptyState } from '../../kit/states.tsx';
import { Time } from '../../kit/time.tsx';
import { CataloguePill, ContainerPills } from './container-words.tsx';

type Answer = EndpointResult<typeof inventoryEndpoints.listContainers>;

const columns: readonly Column<ContainerRow>[] = [
  {
    head: 'Container',
    isMain: true,
    text: ({ name }) => name,
    sort: 'name',
    cell: (row) => (
      <>
        <A className="what clip" href={`/containers/${row.id}`} title={row.name}>
          {row.name}
        </A>
        <div className="small clip">
          {row.workloadName === row.name ? '' : `${row.workloadName}, `}
          {row.status}
        </div>
      </>
    ),
  },
  {
    head: 'State',
    text: ({ state }) => state,
    cell: (row) => (
      <span className="row" style={{ gap: 4 }}>
        <ContainerPills container={row} />
      </span>
    ),
  },
  {
    head: 'Image, and what is in it',
    text: ({ imageName }) => imageName,
    sort: 'image',
    isWide: true,
    cell: (row) => (
      <>
        {row.imageId === undefined ? (
          <span className="clip">{row.imageName}</span>
        ) : (
          <A className="clip" href={`/images/${row.imageId}`}>
            {row.imageName}
          </A>
        )}
        <div className="small">
          {row.components === undefined ? (
            <CataloguePill state={row.catalogue} />
          ) : (
            plural(row.components, 'component')
          )}
        </div>
      </>
    ),
  },
  {
    head: 'Host',
    text: ({ hostName }) => hostName,
    sort: 'host',
    isWide: true,
    cell: (row) => (
      <>
        <A href={`/containers?host=${row.hostId}`}>{row.hostName}</A>
        <div className="small">{row.environment}</div>
      </>
    ),
  },
  {
    head: 'Owner',
    text: ({ owner }) => owner?.name,
    sort: 'owner',
    isWide: true,
    cell: ({ owner }) =>
      owner === undefined ? (
        <Pill tone="high">nobody</Pill>
      ) : (
        <>
          {owner.name}
          <div className="small">{owner.because}</div>
        </>
      ),
  },
  {
    head: 'Started',
    text: ({ startedAt }) => startedAt,
    sort: '-started',
    isEnd: true,
    cell: ({ startedAt, endedAt }) => (
      <>
        {startedAt === undefined ? 'never' : <Time at={startedAt} />}
        {endedAt === undefined ? null : (
          <div className="small">
            <Time at={endedAt} verb="ended" />
          </div>
        )}
      </>
    ),
  },
  { head: 'Ended', text: ({ endedAt }) => endedAt, isHidden: true, cell: () => null },
  {
    head: 'Connection id',
    text: ({ connectionId }) => connectionId,
    isHidden: true,
    cell: () => null,
  },
];

function queryOf(search: Search) {
  return {
    q: search['q'],
    state: oneOf(search['state'], ['running', 'ended', 'all']),
    connection: search['connection'],
    host: search['host'],
    image: search['image'],
    workload: search['workload'],
    owner: search['owner'],
    environment: search['environment'],
    privileged: search['privileged'],
    exposed: search['exposed'],
    at: search['at'],
    sort: oneOf(search['sort'], containerSorts),
    cursor: search['cursor'],
  };
}

/** Containers, running and ended, of all connections. */
export function ContainersPage() {
  const { search, hrefWith } = useSearchState();
  const query = queryOf(search);
  const endpoint = inventoryEndpoints.listContainers;
  const containers = useApi(endpoint, { query }, { every: 2_000, keeps: true });
  const answer = containers.data;
  return (
    <ListPage
      chips={chipsOf(search, hrefWith, answer)}
      columns={columns}
      empty={<NoContainers isFiltered={Object.keys(search).length > 0} />}
      keyOf={({ id }) => id}
      name="Containers"
      notice={search['at'] === undefined ? undefined : <AtNotice at={search['at']} />}
      query={containers}
      readPage={(cursor) => client(endpoint, { query: { ...query, cursor, limit: 200 } })}
      searchLabel="Name, image or label"
      sort={search['sort'] ?? '-started'}
      summary={answer === undefined ? undefined : summaryOf(answer)}
      title="Containers"
    />
  );
}

function summaryOf({ counts, silent }: Answer): string {
  const verb = counts.running === 1 ? 'runs' : 'run';
  const parts = [
    `${plural(counts.running, 'container')} ${verb}, ${formatCount(counts.ended)} ended.`,
  ];
  if (counts.unowned > 0) {
    const noun = counts.unowned === 1 ? 'has' : 'have';
    parts.push(`${formatCount(counts.unowned)} ${noun} nobody who owns them.`);
  }
  if (silent.length > 0) {
    const names = listWords(silent.slice(0, 3));
    const isOne = silent.length === 1;
    parts.push(`${names} ${isOne ? 'is' : 'are'} silent: what runs there is as last seen.`);
  }
  return parts.join(' ');
}

/** Filters that came with a link and have no chip of their own. */
const given = [
  ['connection', 'One connection'],
  ['host', 'One host'],
  ['image', 'One image'],
  ['workload', 'One workload'],
  ['environment', 'One environment'],
] as const;

function chipsOf(
  search: Search,
  hrefWith: (patch: Search) => string,
  answer: Answer | undefined,
): readonly Chip[] {
  const counts = answer?.counts;
  const state = search['state'] ?? 'running';
  const stateChip = (id: string, label: string, count?: number): Chip => ({
    label,
    count,
    href: hrefWith({ state: id === 'running' ? undefined : id }),
    isOn: state === id,
  });
  const toggle = (field: string, value: string, label: string, count?: number): Chip => ({
    label,
    count,
    href: hrefWith({ [field]: search[field] === value ? undefined : value }),
    isOn: search[field] === value,
  });
  return [
    stateChip('running', 'Running', counts?.running),
    stateChip('ended', 'Ended', counts?.ended),
    stateChip('all', 'All'),
    toggle('owner', 'none', 'Nobody owns', counts?.unowned),
    toggle('privileged', 'true', 'Privileged', counts?.privileged),
    toggle('exposed', 'true', 'Exposed', counts?.exposed),
    ...given
      .filter(([field]) => search[field] !== undefined)
      .map(([field, label]) => ({
        label: `${label} ✕`,
        href: hrefWith({ [field]: undefined }),
        isOn: true,
      })),
  ];
}

function AtNotice({ at }: { readonly at: string }) {
  const { hrefWith } = useSearchState();
  return (
    <p className="notice" style={{ marginBottom: 12 }}>
      As it was on {formatExact(at)}. <A href={hrefWith({ at: undefined })}>Show it as it is now</A>
    </p>
  );
}

function NoContainers({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState act={{ label: 'Show all that run', href: '/containers' }} title="None fits">
        No container fits these filters.
      </EmptyState>
    );
  }
  return (
    <EmptyState act={{ label: 'See the connections', href: '/connections' }} title="None runs">
      Containers show up here as soon as a connected Docker Engine runs one.
    </EmptyState>
  );
}
