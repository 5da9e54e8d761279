import {
  type ComponentRow,
  componentsEndpoints,
} from '../../../../src/features/components/components-contract.ts';
import type { EndpointResult } from '../../../../src/model/endpoint.ts';
import { client, useApi } from '../../kit/api.ts';
import { componentType, formatCount } from '../../kit/format.ts';
import { type Chip, type Column, FilterText, ListPage } from '../../kit/list-page.tsx';
import { A, type Search, useSearchState } from '../../kit/navigation.tsx';
import { EmptyState } from '../../kit/states.tsx';
import { Time } from '../../kit/time.tsx';

const columns: readonly Column<ComponentRow>[] = [
  {
    head: 'Component',
    isMain: true,
    text: ({ name }) => name,
    cell: (row) => (
      <>
        <A className="what" href={`/components/${row.id}`}>
          {row.name}
        </A>
        <div className="small mono clip">{row.purl}</div>
      </>
    ),
  },
  {
    head: 'Version',
    text: ({ version }) => version,
    cell: ({ version }) => <span className="mono">{version}</span>,
  },
  {
    head: 'Images',
    text: ({ images }) => images,
    isEnd: true,
    cell: (row) => <A href={`/components/${row.id}`}>{formatCount(row.images)}</A>,
  },
  {
    head: 'Runs in',
    text: ({ runningContainers }) => runningContainers,
    isEnd: true,
    cell: (row) =>
      row.runningContainers === 0 ? (
        <span className="third">none</span>
      ) : (
        <A href={`/components/${row.id}?tab=containers`}>{formatCount(row.runningContainers)}</A>
      ),
  },
  {
    head: 'First seen',
    text: ({ firstSeenAt }) => firstSeenAt,
    isEnd: true,
    isWide: true,
    cell: ({ firstSeenAt }) => <Time at={firstSeenAt} />,
  },
  { head: 'Package URL', text: ({ purl }) => purl, isHidden: true, cell: () => null },
];

type Answer = EndpointResult<typeof componentsEndpoints.searchComponents>;

/** One component across everything: by name, version range or package URL. */
export function ComponentsPage() {
  const { search, hrefWith } = useSearchState();
  const query = {
    q: search['q'],
    type: search['type'],
    version: search['version'],
    running: search['running'],
    cursor: search['cursor'],
  };
  const endpoint = componentsEndpoints.searchComponents;
  const components = useApi(endpoint, { query }, { keeps: true });
  return (
    <ListPage
      chips={chipsOf(search, hrefWith, components.data)}
      columns={columns}
      empty={<NoComponents isFiltered={Object.keys(search).length > 0} />}
      filters={<FilterText field="version" label="Version: 1.2.3, >=1.0 <2" />}
      keyOf={({ id }) => id}
      name="Components"
      query={components}
      readPage={(cursor) => client(endpoint, { query: { ...query, cursor, limit: 200 } })}
      searchLabel="Name or package URL"
      summary="Everything found in the images of the estate, by the file that proves it."
      title="Components"
    />
  );
}

function chipsOf(
  search: Search,
  hrefWith: (patch: Search) => string,
  answer: Answer | undefined,
): readonly Chip[] {
  const types = answer?.types ?? [];
  const given = search['type'];
  const shown =
    given === undefined || types.some(({ type }) => type === given)
      ? types
      : [...types, { type: given, count: undefined }];
  const isRunning = search['running'] === 'true';
  return [
    {
      label: 'Runs now',
      href: hrefWith({ running: isRunning ? undefined : 'true' }),
      isOn: isRunning,
    },
    ...shown.map(({ type, count }) => ({
      label: componentType(type),
      count,
      href: hrefWith({ type: given === type ? undefined : type }),
      isOn: given === type,
    })),
  ];
}

function NoComponents({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState act={{ label: 'Show all components', href: '/components' }} title="None fits">
        No catalogued image holds such a component. Images that are not read yet may.
      </EmptyState>
    );
  }
  return (
    <EmptyState act={{ label: 'See the images', href: '/images' }} title="Nothing catalogued yet">
      Components show up here as the images of the estate are read.
    </EmptyState>
  );
}
