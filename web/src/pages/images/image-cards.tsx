import type { ImagePage } from '../../../../src/features/inventory/inventory-contract.ts';
import { componentType, formatBytes, formatCount, plural } from '../../kit/format.ts';
import { A } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { Seal } from '../../kit/seal.tsx';
import { Card } from '../../kit/templates.tsx';
import { Time } from '../../kit/time.tsx';
import { CataloguePill } from '../containers/container-words.tsx';
import { userWords } from '../containers/user-words.ts';

type Props = { readonly image: ImagePage };

/** What it contains, where it runs, what it is built on, what it says of itself. */
export function ImageCards({ image }: Props) {
  return (
    <div className="cards">
      <Contains image={image} />
      <RunsIn image={image} />
      <Lineage image={image} />
      <Starts image={image} />
      <SeenAt image={image} />
      {image.stated.length === 0 ? null : <Stated image={image} />}
      {Object.keys(image.labels).length === 0 ? null : <Labels labels={image.labels} />}
    </div>
  );
}

function Contains({ image }: Props) {
  const components = `/images/${image.id}?tab=components`;
  if (image.components === undefined) {
    return (
      <Card
        sentence={
          <>
            What is in it: <CataloguePill state={image.catalogue} />
          </>
        }
        title="Contains"
      />
    );
  }
  return (
    <Card
      rows={image.byType
        .toSorted((one, other) => other.count - one.count)
        .map(({ type, count }) => ({
          name: componentType(type),
          value: <A href={`${components}&type=${type}`}>{formatCount(count)}</A>,
        }))}
      seal={<Seal seal={image.seal} />}
      sentence={
        <>
          <A href={components}>{plural(image.components, 'component')}</A> in{' '}
          <A href={`/images/${image.id}?tab=layers`}>{plural(image.layers.length, 'layer')}</A>
          {image.os === undefined ? '.' : `, on ${image.os}.`}
        </>
      }
      title="Contains"
    />
  );
}

function RunsIn({ image }: Props) {
  const { runningContainers } = image;
  return (
    <Card
      rows={[
        { name: 'Platform', value: image.platform },
        { name: 'Size', value: formatBytes(image.sizeBytes) },
        {
          name: 'Built, as stated',
          value: image.createdAt === undefined ? 'not stated' : <Time at={image.createdAt} />,
        },
        { name: 'First seen', value: <Time at={image.firstSeenAt} /> },
      ]}
      sentence={
        runningContainers === 0 ? (
          'Nothing that is seen runs it.'
        ) : (
          <>
            <A href={`/containers?image=${image.id}`}>{plural(runningContainers, 'container')}</A>{' '}
            {runningContainers === 1 ? 'runs' : 'run'} it.
          </>
        )
      }
      title="Runs"
    />
  );
}

function Lineage({ image }: Props) {
  const { base, builtOn } = image;
  return (
    <Card
      rows={builtOn.slice(0, 4).map(({ id, name }) => ({
        name: <A href={`/images/${id}`}>{name}</A>,
        value: 'built on it',
      }))}
      sentence={
        base === undefined ? (
          'No known image is its base.'
        ) : (
          <>
            Built on <A href={`/images/${base.id}`}>{base.name}</A>, its lowest{' '}
            {plural(base.layers, 'layer')}.{' '}
            <A href={`/images/${image.id}?tab=changes&from=${base.id}`}>What it adds</A>
          </>
        )
      }
      title="Lineage"
    >
      {builtOn.length > 4 ? (
        <p className="small">and {formatCount(builtOn.length - 4)} more are built on it</p>
      ) : null}
    </Card>
  );
}

function Starts({ image }: Props) {
  const command = [...image.entrypoint, ...image.command].join(' ');
  return (
    <Card
      rows={[
        { name: 'Ports it names', value: image.exposedPorts.join(', ') || 'none' },
        { name: 'Tags', value: image.tags.slice(0, 5).join(', ') || 'none' },
      ]}
      sentence={
        command === '' ? (
          'It names no command.'
        ) : (
          <>
            Starts <code>{command}</code> {userWords(image.user ?? '')}.
          </>
        )
      }
      title="Starts"
    />
  );
}

function SeenAt({ image }: Props) {
  return (
    <Card
      rows={image.seenAt.map((place) => ({
        name: (
          <>
            <A href={`/connections/${place.connectionId}`}>{place.connectionName}</A>
            <div className="small mono">{place.where}</div>
          </>
        ),
        value:
          place.goneAt === undefined ? (
            <Time at={place.firstSeenAt} verb="since" />
          ) : (
            <Pill tone="plain">
              <Time at={place.goneAt} verb="gone" />
            </Pill>
          ),
      }))}
      sentence={`${plural(image.seenAt.length, 'place')}.`}
      title="Where it is"
    />
  );
}

function Stated({ image }: Props) {
  return (
    <Card
      rows={image.stated.map(({ author, format, components, at }) => ({
        name: (
          <>
            {author}
            <div className="small">
              {format}, <Time at={at} />
            </div>
          </>
        ),
        value: plural(components, 'component'),
      }))}
      sentence="What others say is in it, kept apart from what was read here."
      title="Stated by others"
    />
  );
}

function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <section className="card">
      <h2>Says of itself</h2>
      <dl className="card-rows">
        {Object.entries(labels)
          .slice(0, 12)
          .map(([name, value]) => (
            <div key={name}>
              <dt className="mono">{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
