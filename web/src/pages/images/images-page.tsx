import {
  type ImageRow,
  inventoryEndpoints,
} from '../../../../src/features/inventory/inventory-contract.ts';
import type { EndpointResult } from '../../../../src/model/endpoint.ts';
import { client, useApi } from '../../kit/api.ts';
import { formatBytes, formatCount, plural } from '../../kit/format.ts';
import { type Chip, type Column, ListPage } from '../../kit/list-page.tsx';
import { A, oneOf, type Search, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { EmptyState } from '../../kit/states.tsx';
import { Time } from '../../kit/time.tsx';
import { CataloguePill } from '../containers/container-words.tsx';

const sorts = ['name', '-created', '-size', '-running', '-seen'] as const;
const states = ['waiting', 'reading', 'complete', 'partial', 'failed', 'unreachable'] as const;

const columns: readonly Column<ImageRow>[] = [
  {
    head: 'Image',
    isMain: true,
    text: ({ name }) => name,
    sort: 'name',
    cell: (row) => (
      <>
        <A className="what clip" href={`/images/${row.id}`} title={row.name}>
          {row.name}
        </A>{' '}
        {row.sample ? <Pill tone="plain">sample</Pill> : null}
        <div className="small">
          {row.platform}
          {row.os === undefined ? '' : `, ${row.os}`}
        </div>
      </>
    ),
  },
  {
    head: 'Contents',
    text: ({ components }) => components,
    cell: (row) => (
      <>
        {row.components === undefined ? null : (
          <A href={`/images/${row.id}?tab=components`}>{plural(row.components, 'component')}</A>
        )}{' '}
        {row.catalogue === 'complete' ? null : <CataloguePill state={row.catalogue} />}
        {row.unexplained === undefined || row.unexplained === 0 ? null : (
          <div className="small">{plural(row.unexplained, 'unexplained executable')}</div>
        )}
      </>
    ),
  },
  {
    head: 'Runs in',
    text: ({ runningContainers }) => runningContainers,
    sort: '-running',
    isEnd: true,
    cell: (row) =>
      row.runningContainers === 0 ? (
        <span className="third">none</span>
      ) : (
        <A href={`/containers?image=${row.id}`}>{formatCount(row.runningContainers)}</A>
      ),
  },
  {
    head: 'Size',
    text: ({ sizeBytes }) => sizeBytes,
    sort: '-size',
    isEnd: true,
    isWide: true,
    cell: ({ sizeBytes }) => formatBytes(sizeBytes),
  },
  {
    head: 'Built',
    text: ({ createdAt }) => createdAt,
    sort: '-created',
    isEnd: true,
    isWide: true,
    cell: ({ createdAt }) =>
      createdAt === undefined ? (
        'not stated'
      ) : (
        <>
          <Time at={createdAt} />
          <div className="small">as stated</div>
        </>
      ),
  },
  {
    head: 'First seen',
    text: ({ firstSeenAt }) => firstSeenAt,
    sort: '-seen',
    isEnd: true,
    isWide: true,
    cell: ({ firstSeenAt }) => <Time at={firstSeenAt} />,
  },
  { head: 'Digest', text: ({ digest }) => digest, isHidden: true, cell: () => null },
];

type Answer = EndpointResult<typeof inventoryEndpoints.listImages>;

/** Images known to any connection, and how far what is in them is known. */
export function ImagesPage() {
  const { search, hrefWith } = useSearchState();
  const query = {
    q: search['q'],
    catalogue: oneOf(search['catalogue'], states),
    running: search['running'],
    connection: search['connection'],
    sort: oneOf(search['sort'], sorts),
    cursor: search['cursor'],
  };
  const endpoint = inventoryEndpoints.listImages;
  const images = useApi(endpoint, { query }, { every: 3_000, keeps: true });
  return (
    <ListPage
      chips={chipsOf(search, hrefWith, images.data)}
      columns={columns}
      empty={<NoImages isFiltered={Object.keys(search).length > 0} />}
      keyOf={({ id }) => id}
      name="Images"
      query={images}
      readPage={(cursor) => client(endpoint, { query: { ...query, cursor, limit: 200 } })}
      searchLabel="Name, tag or digest"
      sort={search['sort'] ?? '-seen'}
      summary={images.data === undefined ? undefined : summaryOf(images.data)}
      title="Images"
    />
  );
}

function summaryOf({ counts }: Answer): string {
  const verb = counts.running === 1 ? 'runs' : 'run';
  const known = `${plural(counts.all, 'image')}, ${formatCount(counts.running)} of them ${verb}.`;
  if (counts.notCatalogued === 0) return `${known} What is in them is known.`;
  return `${known} What is in ${formatCount(counts.notCatalogued)} is not known yet.`;
}

function chipsOf(
  search: Search,
  hrefWith: (patch: Search) => string,
  answer: Answer | undefined,
): readonly Chip[] {
  const toggle = (field: string, value: string, label: string, count?: number): Chip => ({
    label,
    count,
    href: hrefWith({ [field]: search[field] === value ? undefined : value }),
    isOn: search[field] === value,
  });
  const isAll = search['running'] === undefined && search['catalogue'] === undefined;
  return [
    {
      label: 'All',
      count: answer?.counts.all,
      href: hrefWith({ running: undefined, catalogue: undefined }),
      isOn: isAll,
    },
    toggle('running', 'true', 'Running', answer?.counts.running),
    toggle('catalogue', 'waiting', 'Not read yet'),
    toggle('catalogue', 'partial', 'Read in part'),
    toggle('catalogue', 'failed', 'Could not be read'),
    ...(search['connection'] === undefined
      ? []
      : [{ label: 'One connection ✕', href: hrefWith({ connection: undefined }), isOn: true }]),
  ];
}

function NoImages({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState act={{ label: 'Show all images', href: '/images' }} title="None fits">
        No image fits these filters.
      </EmptyState>
    );
  }
  return (
    <EmptyState act={{ label: 'See the connections', href: '/connections' }} title="No image yet">
      Images show up here as soon as a connection sees one.
    </EmptyState>
  );
}
