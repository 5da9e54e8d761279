import {
  type ComponentContainer,
  componentsEndpoints,
} from '../../../../src/features/components/components-contract.ts';
import type { EndpointResult } from '../../../../src/model/endpoint.ts';
import { useApi } from '../../kit/api.ts';
import { capitalise, formatCount, plural, shortDigest } from '../../kit/format.ts';
import { type Column, DataTable } from '../../kit/list-page.tsx';
import { A, oneOf, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { Answered, EmptyState } from '../../kit/states.tsx';
import { Card, Identifier, ThingPage } from '../../kit/templates.tsx';
import { Time } from '../../kit/time.tsx';

type Component = EndpointResult<typeof componentsEndpoints.getComponent>;
type Use = EndpointResult<typeof componentsEndpoints.listComponentImages>['items'][number];

const tabs = ['images', 'containers', 'versions'] as const;

/** One component at one version: who uses it, and which other versions there are. */
export function ComponentPage({ id }: { readonly id: string }) {
  const component = useApi(componentsEndpoints.getComponent, { params: { id } });
  return <Answered query={component}>{(found) => <Found component={found} />}</Answered>;
}

function Found({ component }: { readonly component: Component }) {
  const { search, hrefWith } = useSearchState();
  const tab = oneOf(search['tab'], tabs) ?? 'images';
  const counts = {
    images: component.images,
    containers: component.runningContainers,
    versions: component.otherVersions.length,
  };
  const labels = { images: 'Images', containers: 'Running containers', versions: 'Other versions' };
  return (
    <ThingPage
      crumbs={<A href="/components">Components</A>}
      identifier={<Identifier text={component.purl} what="the package URL" />}
      pills={<Pill tone="plain">{component.version}</Pill>}
      summary={
        <>
          In {plural(component.images, 'image')}, {plural(component.runningContainers, 'container')}{' '}
          {component.runningContainers === 1 ? 'runs' : 'run'} it. First seen{' '}
          <Time at={component.firstSeenAt} />.
        </>
      }
      tab={tab}
      tabs={tabs.map((id) => ({
        id,
        label: `${labels[id]} ${formatCount(counts[id])}`,
        href: hrefWith({ tab: id === 'images' ? undefined : id }),
      }))}
      title={component.name}
    >
      <div className="stack">
        {tab === 'images' ? <Images id={component.id} /> : null}
        {tab === 'containers' ? <Containers id={component.id} /> : null}
        {tab === 'versions' ? <Versions component={component} /> : null}
        <About component={component} />
      </div>
    </ThingPage>
  );
}

function About({ component }: { readonly component: Component }) {
  const { source } = component;
  return (
    <div className="cards">
      <Card
        rows={[
          { name: 'Licence', value: component.licences.join(', ') || 'not stated' },
          { name: 'Kind', value: component.type },
          ...(source === undefined
            ? []
            : [{ name: 'Built from', value: `${source.name} ${source.version}` }]),
        ]}
        title="States of itself"
      />
    </div>
  );
}

const imageColumns: readonly Column<Use>[] = [
  {
    head: 'Image',
    isMain: true,
    text: ({ imageName }) => imageName,
    cell: (use) => (
      <>
        <A className="what" href={`/images/${use.imageId}`}>
          {use.imageName}
        </A>
        <div className="small mono">{use.path ?? shortDigest(use.digest)}</div>
      </>
    ),
  },
  {
    head: 'Runs in',
    text: ({ runningContainers }) => runningContainers,
    isEnd: true,
    cell: (use) =>
      use.runningContainers === 0 ? (
        <span className="third">none</span>
      ) : (
        <A href={`/containers?image=${use.imageId}`}>{formatCount(use.runningContainers)}</A>
      ),
  },
];

function Images({ id }: { readonly id: string }) {
  const { search } = useSearchState();
  const images = useApi(
    componentsEndpoints.listComponentImages,
    { params: { id }, query: { cursor: search['cursor'] } },
    { keeps: true },
  );
  return (
    <DataTable
      columns={imageColumns}
      empty={
        <EmptyState title="No image holds it any more">
          The images that held it are gone from every connection.
        </EmptyState>
      }
      keyOf={({ imageId }) => imageId}
      name="Images"
      query={images}
    />
  );
}

const containerColumns: readonly Column<ComponentContainer>[] = [
  {
    head: 'Container',
    isMain: true,
    text: ({ name }) => name,
    cell: (row) => (
      <>
        <A className="what" href={`/containers/${row.id}`}>
          {row.name}
        </A>
        <div className="small">{row.host}</div>
      </>
    ),
  },
  {
    head: 'State',
    text: ({ state }) => state,
    cell: ({ state }) => (
      <Pill tone={state === 'running' ? 'good' : 'plain'}>{capitalise(state)}</Pill>
    ),
  },
  {
    head: 'Image',
    text: ({ imageName }) => imageName,
    isWide: true,
    cell: (row) => <A href={`/images/${row.imageId}`}>{row.imageName}</A>,
  },
  {
    head: 'Owner',
    text: ({ owner }) => owner,
    isWide: true,
    cell: ({ owner }) => owner ?? <Pill tone="high">nobody</Pill>,
  },
];

function Containers({ id }: { readonly id: string }) {
  const { search } = useSearchState();
  const containers = useApi(
    componentsEndpoints.listComponentContainers,
    { params: { id }, query: { cursor: search['cursor'] } },
    { keeps: true },
  );
  return (
    <DataTable
      columns={containerColumns}
      empty={<EmptyState title="Nothing runs it">No running container holds it.</EmptyState>}
      keyOf={(row) => row.id}
      name="Running containers"
      query={containers}
    />
  );
}

function Versions({ component }: { readonly component: Component }) {
  const { otherVersions } = component;
  if (otherVersions.length === 0) {
    return (
      <div className="card">
        <EmptyState title="This is the only version in the estate">
          No catalogued image holds {component.name} at another version.
        </EmptyState>
      </div>
    );
  }
  return (
    <section className="card">
      <h2>{plural(otherVersions.length, 'other version')}</h2>
      <dl className="card-rows">
        {otherVersions.map((other) => (
          <div key={other.id}>
            <dt>
              <A className="mono" href={`/components/${other.id}`}>
                {other.version}
              </A>
            </dt>
            <dd>
              {plural(other.images, 'image')}, {formatCount(other.runningContainers)} running
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
