import { Button, Menu } from '@mantine/core';
import { pathOf } from '../../../../src/client/client.ts';
import {
  type ImagePage as Image,
  inventoryEndpoints,
} from '../../../../src/features/inventory/inventory-contract.ts';
import { useAct, useApi } from '../../kit/api.ts';
import { formatCount } from '../../kit/format.ts';
import { A, oneOf, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { useMay } from '../../kit/session.ts';
import { ActError, Answered } from '../../kit/states.tsx';
import { Identifier, ThingPage } from '../../kit/templates.tsx';
import { CataloguePill } from '../containers/container-words.tsx';
import { EvidenceOf } from '../evidence/evidence-of.tsx';
import { Compare } from './compare.tsx';
import { ImageCards } from './image-cards.tsx';
import { ImageComponents } from './image-components.tsx';
import { Layers } from './layers.tsx';

const tabs = [
  'image',
  'components',
  'layers',
  'changes',
  'problems',
  'unexplained',
  'evidence',
] as const;
type TabName = (typeof tabs)[number];

/** One image: its layers, what is in them, what it is built on, what changed. */
export function ImagePage({ id }: { readonly id: string }) {
  const image = useApi(inventoryEndpoints.getImage, { params: { id } }, { every: 3_000 });
  return <Answered query={image}>{(found) => <Found image={found} />}</Answered>;
}

function labelOf(tab: TabName, image: Image): string {
  const counts: Partial<Record<TabName, number | undefined>> = {
    components: image.components,
    layers: image.layers.length,
    problems: image.problems.length,
    unexplained: image.unexplained,
  };
  const labels: Readonly<Record<TabName, string>> = {
    image: 'Image',
    components: 'Components',
    layers: 'Layers',
    changes: 'What changed',
    problems: 'Not read',
    unexplained: 'Unexplained',
    evidence: 'Evidence',
  };
  const count = counts[tab];
  return count === undefined ? labels[tab] : `${labels[tab]} ${formatCount(count)}`;
}

function Found({ image }: { readonly image: Image }) {
  const { search, hrefWith } = useSearchState();
  const tab = oneOf(search['tab'], tabs) ?? 'image';
  const shown = tabs.filter((name) => {
    if (name === 'problems') return image.problems.length > 0;
    if (name === 'unexplained') return (image.unexplained ?? 0) > 0;
    return name !== 'components' || image.components !== undefined;
  });
  const href = (name: TabName): string =>
    hrefWith({
      tab: name === 'image' ? undefined : name,
      q: undefined,
      type: undefined,
      layer: undefined,
    });
  return (
    <ThingPage
      acts={<Acts image={image} />}
      crumbs={<A href="/images">Images</A>}
      identifier={<Identifier text={image.digest} what="the digest" />}
      pills={
        <>
          <CataloguePill state={image.catalogue} />
          {image.sample ? <Pill tone="plain">Sample</Pill> : null}
        </>
      }
      summary={image.catalogueError}
      tab={tab}
      tabs={shown.map((name) => ({ id: name, label: labelOf(name, image), href: href(name) }))}
      title={image.name}
    >
      <TabOf image={image} tab={tab} />
    </ThingPage>
  );
}

function TabOf({ image, tab }: { readonly image: Image; readonly tab: TabName }) {
  switch (tab) {
    case 'image':
      return <ImageCards image={image} />;
    case 'components':
      return <ImageComponents byType={image.byType} imageId={image.id} />;
    case 'layers':
      return <Layers image={image} />;
    case 'changes':
      return <Compare image={image} />;
    case 'problems':
      return <Problems image={image} />;
    case 'unexplained':
      return <Unexplained image={image} />;
    case 'evidence':
      return <EvidenceOf subject={`image:${image.id}`} />;
  }
}

function Acts({ image }: { readonly image: Image }) {
  const maySync = useMay('connection.sync');
  const again = useAct(inventoryEndpoints.catalogueImage);
  const sbom = (format: 'cyclonedx-1.6' | 'cyclonedx-1.7' | 'spdx-2.3'): string =>
    pathOf(inventoryEndpoints.getImageSbom, { params: { id: image.id }, query: { format } });
  const formats = [
    ['cyclonedx-1.6', 'CycloneDX 1.6'],
    ['cyclonedx-1.7', 'CycloneDX 1.7'],
    ['spdx-2.3', 'SPDX 2.3'],
  ] as const;
  return (
    <>
      {maySync ? (
        <Button
          disabled={image.catalogue === 'waiting' || image.catalogue === 'reading'}
          loading={again.isPending}
          onClick={() => again.mutate({ params: { id: image.id } })}
          variant="default"
        >
          Read again
        </Button>
      ) : null}
      {image.components === undefined ? null : (
        <Menu position="bottom-end" transitionProps={{ duration: 100 }}>
          <Menu.Target>
            <Button>Save as SBOM</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {formats.map(([format, label]) => (
              <Menu.Item component="a" download href={sbom(format)} key={format}>
                {label} JSON
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <ActError error={again.error} />
    </>
  );
}

/** Files that could not be read: what is in them is not known. */
function Problems({ image }: { readonly image: Image }) {
  return (
    <section className="card">
      <h2>What is in these files is not known</h2>
      <ul className="card-rows">
        {image.problems.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <span className="mono">{path}</span>
            <span className="second">{message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Programs in the image that belong to no component anybody stated. */
function Unexplained({ image }: { readonly image: Image }) {
  const more = (image.unexplained ?? 0) - image.unexplainedPaths.length;
  return (
    <section className="card">
      <h2>No component explains these executables</h2>
      <p className="sentence second">
        Nobody stated where they come from, so nothing can be said about what is in them.
      </p>
      <ul className="card-rows">
        {image.unexplainedPaths.map((path) => (
          <li key={path}>
            <span className="mono">{path}</span>
            <Pill tone="unknown">cannot tell</Pill>
          </li>
        ))}
      </ul>
      {more > 0 ? <p className="small">and {formatCount(more)} more</p> : null}
    </section>
  );
}
