import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import {
  type ImagePage,
  inventoryEndpoints,
} from '../../../../src/features/inventory/inventory-contract.ts';
import type { EndpointResult } from '../../../../src/model/endpoint.ts';
import { useApi } from '../../kit/api.ts';
import { formatCount, plural } from '../../kit/format.ts';
import { useSearchState } from '../../kit/navigation.tsx';
import { Answered, EmptyState } from '../../kit/states.tsx';

type Changes = EndpointResult<typeof inventoryEndpoints.compareImages>;

/** What changed from another image to this one. */
export function Compare({ image }: { readonly image: ImagePage }) {
  const { search, change } = useSearchState();
  const from = search['from'];
  return (
    <div className="stack">
      <ImageChoice
        image={image}
        onChoose={(id) => change({ tab: 'changes', from: id })}
        value={from}
      />
      {from === undefined ? (
        <div className="card">
          <EmptyState title="Choose the image to compare with">
            An older build of it, or its base: what was added, removed and changed since shows here.
          </EmptyState>
        </div>
      ) : (
        <Difference from={from} id={image.id} />
      )}
    </div>
  );
}

type ChoiceProps = {
  readonly image: ImagePage;
  readonly value: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
};

function ImageChoice({ image, value, onChoose }: ChoiceProps) {
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text, 200);
  // The first look offers other builds of the same repository.
  const repository = image.name.replace(/[:@][^/]*$/, '');
  const q = wanted === '' ? repository : wanted;
  const found = useApi(inventoryEndpoints.listImages, { query: { q, limit: 20 } }, { keeps: true });
  const chosen = useApi(
    inventoryEndpoints.getImage,
    { params: { id: value ?? '' } },
    { isOff: value === undefined, isFixed: true },
  );
  const choices = (found.data?.items ?? []).filter(({ id }) => id !== image.id);
  if (image.base !== undefined && !choices.some(({ id }) => id === image.base?.id)) {
    choices.push({ ...image, id: image.base.id, name: image.base.name });
  }
  if (chosen.data !== undefined && !choices.some(({ id }) => id === value)) {
    choices.push(chosen.data);
  }
  return (
    <Select
      clearable
      data={choices.map(({ id, name }) => ({ value: id, label: name }))}
      filter={({ options }) => options}
      label="Compared with"
      maw={520}
      nothingFoundMessage="No other image is called that"
      onChange={(id) => onChoose(id ?? undefined)}
      onSearchChange={(next) => {
        if (!choices.some(({ name }) => name === next)) setText(next);
      }}
      placeholder="Another build, or the base"
      searchable
      value={value ?? null}
    />
  );
}

function Difference({ id, from }: { readonly id: string; readonly from: string }) {
  const changes = useApi(
    inventoryEndpoints.compareImages,
    { params: { id }, query: { from } },
    { keeps: true },
  );
  return <Answered query={changes}>{(found) => <Found changes={found} />}</Answered>;
}

function Found({ changes }: { readonly changes: Changes }) {
  const { added, removed, changed } = changes;
  const isSame = added.length + removed.length + changed.length === 0;
  const counts = [
    `${formatCount(added.length)} added`,
    `${formatCount(removed.length)} removed`,
    `${plural(changed.length, 'version')} changed`,
  ];
  return (
    <>
      <p>
        {isSame ? 'The same components are in both.' : `${counts.join(', ')}.`} They share{' '}
        {plural(changes.sharedLayers, 'layer')}.
        {changes.truncated ? ' There is more than is shown here.' : ''}
      </p>
      <div className="cards">
        <Part
          lines={changed.map(({ name, type, from, to }) => [
            `${name} (${type})`,
            `${from} → ${to}`,
          ])}
          title="Changed"
        />
        <Part lines={added.map(({ name, version }) => [name, version])} title="Added" />
        <Part lines={removed.map(({ name, version }) => [name, version])} title="Removed" />
      </div>
    </>
  );
}

const LINES_MAX = 200;

function Part({
  title,
  lines,
}: {
  readonly title: string;
  readonly lines: readonly (readonly [string, string])[];
}) {
  if (lines.length === 0) return null;
  return (
    <section className="card">
      <h2>
        {title} {formatCount(lines.length)}
      </h2>
      <dl className="card-rows">
        {lines.slice(0, LINES_MAX).map(([name, version]) => (
          <div key={`${name} ${version}`}>
            <dt>{name}</dt>
            <dd className="mono">{version}</dd>
          </div>
        ))}
      </dl>
      {lines.length > LINES_MAX ? (
        <p className="small">and {formatCount(lines.length - LINES_MAX)} more</p>
      ) : null}
    </section>
  );
}
