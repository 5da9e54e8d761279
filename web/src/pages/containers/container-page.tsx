import { Button } from '@mantine/core';
import { pathOf } from '../../../../src/client/client.ts';
import {
  type ContainerEvent,
  inventoryEndpoints,
  type Passport,
} from '../../../../src/features/inventory/inventory-contract.ts';
import { useApi } from '../../kit/api.ts';
import { capitalise } from '../../kit/format.ts';
import { type Column, DataTable } from '../../kit/list-page.tsx';
import { A, oneOf, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { Answered, EmptyState } from '../../kit/states.tsx';
import { Identifier, LifeLine, ThingPage } from '../../kit/templates.tsx';
import { ExactTime, Time } from '../../kit/time.tsx';
import { EvidenceOf } from '../evidence/evidence-of.tsx';
import { ImageComponents } from '../images/image-components.tsx';
import { ContainerPills } from './container-words.tsx';
import { History } from './history.tsx';
import { PassportCards } from './passport-cards.tsx';

const tabs = ['passport', 'components', 'history', 'events', 'evidence'] as const;

/** A container's passport: what it is, what is in it, what happened to it, with proof. */
export function ContainerPage({ id }: { readonly id: string }) {
  const passport = useApi(inventoryEndpoints.getContainer, { params: { id } }, { every: 3_000 });
  return <Answered query={passport}>{(found) => <Found passport={found} />}</Answered>;
}

function Found({ passport }: { readonly passport: Passport }) {
  const { search, hrefWith } = useSearchState();
  const tab = oneOf(search['tab'], tabs) ?? 'passport';
  const href = (id: string) =>
    hrefWith({ tab: id === 'passport' ? undefined : id, q: undefined, type: undefined });
  const total = passport.contains?.total;
  return (
    <ThingPage
      acts={
        <Button
          component="a"
          download={`${passport.name}-passport.json`}
          href={pathOf(inventoryEndpoints.getContainer, { params: { id: passport.id } })}
          variant="default"
        >
          Export passport
        </Button>
      }
      crumbs={
        <>
          <A href="/containers">Containers</A> /{' '}
          <A href={`/containers?host=${passport.hostId}`}>{passport.hostName}</A>
        </>
      }
      identifier={<Identifier text={identifierOf(passport)} what="the identifier" />}
      life={<LifeLine steps={passport.life} />}
      pills={<ContainerPills container={passport} />}
      summary={passport.gaps.length === 0 ? undefined : passport.gaps.join(' ')}
      tab={tab}
      tabs={tabs
        .filter((id) => id !== 'components' || total !== undefined)
        .map((id) => ({ id, label: capitalise(id), href: href(id) }))}
      title={passport.name}
    >
      <TabOf passport={passport} tab={tab} />
    </ThingPage>
  );
}

/** The image by digest: what runs, whatever its tag says today. */
function identifierOf(passport: Passport): string {
  const name = passport.imageName.replace(/@sha256:.*$/, '');
  return passport.imageDigest === undefined ? name : `${name}@${passport.imageDigest}`;
}

type TabProps = { readonly passport: Passport; readonly tab: (typeof tabs)[number] };

function TabOf({ passport, tab }: TabProps) {
  switch (tab) {
    case 'passport':
      return <PassportCards passport={passport} />;
    case 'components':
      return passport.imageId === undefined ? null : (
        <ImageComponents byType={passport.contains?.byType ?? []} imageId={passport.imageId} />
      );
    case 'history':
      return <History id={passport.id} />;
    case 'events':
      return <Events id={passport.id} />;
    case 'evidence':
      return (
        <EvidenceOf
          note="Each reading of the connection that sees this container, and what was done to it."
          subject={`connection:${passport.connectionId}`}
        />
      );
  }
}

const eventColumns: readonly Column<ContainerEvent>[] = [
  {
    head: 'What happened',
    isMain: true,
    text: ({ kind }) => kind,
    cell: ({ kind, detail }) => (
      <>
        <span className="what">{capitalise(kind.replaceAll(/[_-]/g, ' '))}</span>
        <div className="small clip">{detail}</div>
      </>
    ),
  },
  {
    head: 'How it is known',
    text: ({ by }) => by,
    isWide: true,
    cell: ({ by }) =>
      by === 'seen' ? 'seen as it happened' : <Pill tone="plain">stated by the engine</Pill>,
  },
  {
    head: 'When',
    text: ({ at }) => at,
    isEnd: true,
    cell: ({ at }) => (
      <>
        <Time at={at} />
        <div className="small">
          <ExactTime at={at} />
        </div>
      </>
    ),
  },
];

function Events({ id }: { readonly id: string }) {
  const { search } = useSearchState();
  const events = useApi(
    inventoryEndpoints.listContainerEvents,
    { params: { id }, query: { cursor: search['cursor'] } },
    { every: 3_000, keeps: true },
  );
  return (
    <DataTable
      columns={eventColumns}
      empty={
        <EmptyState title="Nothing happened to it since it is watched">
          Starts, ends, execs, copies and commits are kept here from the moment its engine is
          followed.
        </EmptyState>
      }
      keyOf={(event) => event.id}
      name="Events"
      query={events}
    />
  );
}
