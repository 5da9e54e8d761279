import {
  type ImageComponent,
  inventoryEndpoints,
} from '../../../../src/features/inventory/inventory-contract.ts';
import { useApi } from '../../kit/api.ts';
import { componentType, formatCount } from '../../kit/format.ts';
import { Chips, type Column, DataTable, FilterText } from '../../kit/list-page.tsx';
import { A, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { EmptyState } from '../../kit/states.tsx';

const columns: readonly Column<ImageComponent>[] = [
  {
    head: 'Component',
    isMain: true,
    text: ({ name }) => name,
    cell: (row) => (
      <>
        <A className="what" href={`/components/${row.componentId}`}>
          {row.name}
        </A>{' '}
        {row.declared ? (
          <Pill title="A lock file names it; it was not found installed." tone="plain">
            declared only
          </Pill>
        ) : null}
        <div className="small">{row.type}</div>
      </>
    ),
  },
  {
    head: 'Version',
    text: ({ version }) => version,
    cell: ({ version }) => <span className="mono">{version}</span>,
  },
  {
    head: 'Licence',
    text: ({ licences }) => licences.join(' '),
    isWide: true,
    cell: ({ licences }) => <span className="clip">{licences.join(', ') || 'not stated'}</span>,
  },
  {
    head: 'The file that proves it',
    text: ({ path }) => path,
    isWide: true,
    cell: ({ path, paths }) => (
      <>
        <span className="mono">{path}</span>
        {paths > 1 ? <div className="small">and {formatCount(paths - 1)} more</div> : null}
      </>
    ),
  },
  {
    head: 'Layer',
    text: ({ layer }) => layer + 1,
    isEnd: true,
    isWide: true,
    cell: ({ layer }) => layer + 1,
  },
];

type Props = {
  readonly imageId: string;
  readonly byType: readonly { readonly type: string; readonly count: number }[];
};

/** What is in an image, with the file that proves each, by kind and by layer. */
export function ImageComponents({ imageId, byType }: Props) {
  const { search, hrefWith } = useSearchState();
  const layer = /^\d{1,4}$/.test(search['layer'] ?? '') ? search['layer'] : undefined;
  const components = useApi(
    inventoryEndpoints.listImageComponents,
    {
      params: { id: imageId },
      query: {
        q: search['q'],
        type: search['type'],
        layer,
        declared: search['declared'],
        cursor: search['cursor'],
      },
    },
    { keeps: true },
  );
  const chips = byType.map(({ type, count }) => ({
    label: componentType(type),
    count,
    href: hrefWith({ type: search['type'] === type ? undefined : type }),
    isOn: search['type'] === type,
  }));
  const layerChip = {
    label: `Layer ${Number(layer ?? 0) + 1} ✕`,
    href: hrefWith({ layer: undefined }),
    isOn: true,
  };
  return (
    <>
      <div aria-label="Filters" className="chips" role="group">
        <FilterText label="Part of a name" />
        <Chips chips={layer === undefined ? chips : [...chips, layerChip]} />
      </div>
      <DataTable
        columns={columns}
        empty={
          <EmptyState title="None fits">No component of this image fits these filters.</EmptyState>
        }
        keyOf={(row) => `${row.componentId} ${row.path} ${row.layer} ${row.declared}`}
        name="Components"
        query={components}
      />
    </>
  );
}
