import type { ReactNode } from 'react';
import type {
  ContainerFacts,
  Passport,
} from '../../../../src/features/inventory/inventory-contract.ts';
import { componentType, formatCount, listWords, plural } from '../../kit/format.ts';
import { A } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { Seal } from '../../kit/seal.tsx';
import { Card, type CardRow } from '../../kit/templates.tsx';
import { CataloguePill, ContainerPills, YesNo } from './container-words.tsx';
import { userWords } from './user-words.ts';

/** What it contains, how it runs, who answers for it, each with its seal. */
export function PassportCards({ passport }: { readonly passport: Passport }) {
  return (
    <div className="cards">
      <Contains passport={passport} />
      <Runs passport={passport} />
      <AnswersForIt passport={passport} />
      {passport.facts === undefined ? null : <Reach facts={passport.facts} passport={passport} />}
      {passport.otherRuns.length === 0 ? null : <OtherRuns passport={passport} />}
      {passport.facts === undefined ? null : <Labels labels={passport.facts.labels} />}
    </div>
  );
}

function Contains({ passport }: { readonly passport: Passport }) {
  const { contains, imageId } = passport;
  if (contains === undefined) {
    return (
      <Card
        sentence={
          <>
            What is in it: <CataloguePill state={passport.catalogue} />
          </>
        }
        title="Contains"
      >
        {imageId === undefined ? null : (
          <p className="small" style={{ marginTop: 8 }}>
            <A href={`/images/${imageId}`}>See its image</A>
          </p>
        )}
      </Card>
    );
  }
  const components = `/containers/${passport.id}?tab=components`;
  const rows: CardRow[] = contains.byType
    .toSorted((one, other) => other.count - one.count)
    .slice(0, 3)
    .map(({ type, count }) => ({
      name: componentType(type),
      value: <A href={`${components}&type=${type}`}>{formatCount(count)}</A>,
    }));
  rows.push({
    name: 'Executables nothing explains',
    value:
      contains.unexplained === 0 ? (
        `none of ${formatCount(contains.executables)}`
      ) : (
        <A href={`/images/${imageId}?tab=unexplained`}>
          <Pill tone="unknown">{formatCount(contains.unexplained)}</Pill>
        </A>
      ),
  });
  return (
    <Card
      rows={rows}
      seal={<Seal seal={contains.seal} />}
      sentence={
        <>
          <A href={components}>{plural(contains.total, 'component')}</A> in{' '}
          <A href={`/images/${imageId}?tab=layers`}>{plural(contains.layers, 'layer')}</A>.{' '}
          {contains.problems === 0 ? null : (
            <A href={`/images/${imageId}?tab=problems`}>
              {plural(contains.problems, 'file')} could not be read.
            </A>
          )}
        </>
      }
      title="Contains"
    />
  );
}

function Runs({ passport }: { readonly passport: Passport }) {
  const { facts } = passport;
  const ports = facts?.ports.filter(({ host }) => host !== undefined) ?? [];
  const shown = listWords(ports.slice(0, 3).map(({ host }) => host ?? ''));
  const noun = ports.length === 1 ? 'port' : 'ports';
  const published = ports.length === 0 ? '' : `, ${noun} ${shown} published`;
  const capabilities = facts?.capabilitiesAdded ?? [];
  return (
    <Card
      rows={[
        { name: 'Privileged', value: <Warned is={passport.privileged} /> },
        {
          name: 'Capabilities added',
          value: capabilities.length === 0 ? 'none' : <span>{capabilities.join(', ')}</span>,
        },
        { name: 'Read-only root', value: <YesNo value={facts?.readOnlyRoot} /> },
        {
          name: 'Restarts',
          value: restartWords(facts),
        },
      ]}
      seal={<Seal seal={passport.runs.seal} verb="seen" />}
      sentence={
        <>
          {passport.state === 'running' ? 'On ' : 'Was on '}
          <A href={`/containers?host=${passport.hostId}`}>{passport.hostName}</A>
          {published}
          {facts === undefined ? '.' : `, ${userWords(facts.user)}.`}
        </>
      }
      title="Runs"
    />
  );
}

function restartWords(facts: ContainerFacts | undefined): ReactNode {
  if (facts?.restarts === undefined) return <Pill tone="unknown">cannot tell</Pill>;
  const policy = facts.restartPolicy === undefined ? '' : `, policy ${facts.restartPolicy}`;
  return `${formatCount(facts.restarts)}${policy}`;
}

function Warned({ is }: { readonly is: boolean | 'unknown' }) {
  return is === true ? <Pill tone="high">yes</Pill> : <YesNo value={is} />;
}

function AnswersForIt({ passport }: { readonly passport: Passport }) {
  const { owner } = passport;
  return (
    <Card
      rows={[
        {
          name: 'Workload',
          value: (
            <A href={`/containers?workload=${passport.workloadId}&state=all`}>
              {passport.workloadName}
            </A>
          ),
        },
        { name: 'Environment', value: passport.environment ?? 'not stated' },
      ]}
      sentence={
        owner === undefined ? (
          <>
            <Pill tone="high">Nobody</Pill> owns it: no rule fits.
          </>
        ) : (
          <>
            {owner.kind === 'team' ? 'Team ' : ''}
            <A href={`/containers?owner=${owner.id}`}>{owner.name}</A>, by {owner.because}.
          </>
        )
      }
      title="Answers for it"
    />
  );
}

/** What of its host and its network it can reach. */
function Reach({
  facts,
  passport,
}: {
  readonly facts: ContainerFacts;
  readonly passport: Passport;
}) {
  const mounts = facts.mounts;
  const writable = mounts.filter((mount) => mount.writable).length;
  const shown = mounts.slice(0, 2).map((mount) => ({
    name: <span className="mono">{mount.target}</span>,
    value: (
      <span className="mono">
        {mount.source} ({mount.writable ? 'rw' : 'ro'})
      </span>
    ),
  }));
  const sharesHost = facts.pidMode === 'host' || facts.networkMode === 'host';
  return (
    <Card
      rows={[
        { name: 'Networks', value: facts.networks.join(', ') || 'none' },
        {
          name: 'Shares with its host',
          value: sharesHost ? (
            <Pill tone="high">{hostShares(facts)}</Pill>
          ) : (
            'no process or network space'
          ),
        },
        ...shown,
      ]}
      seal={<Seal seal={passport.runs.seal} verb="seen" />}
      sentence={
        mounts.length === 0
          ? 'Nothing of its host is mounted into it.'
          : `${plural(mounts.length, 'mount')}, ${formatCount(writable)} writable.`
      }
      title="Reaches"
    />
  );
}

function hostShares(facts: ContainerFacts): string {
  const parts = [
    facts.pidMode === 'host' ? 'processes' : '',
    facts.networkMode === 'host' ? 'network' : '',
  ];
  return listWords(parts.filter((part) => part !== ''));
}

function OtherRuns({ passport }: { readonly passport: Passport }) {
  const all = `/containers?workload=${passport.workloadId}&state=all`;
  return (
    <Card
      rows={passport.otherRuns.slice(0, 4).map((other) => ({
        name: <A href={`/containers/${other.id}`}>{other.name}</A>,
        value: <ContainerPills container={other} />,
      }))}
      sentence={
        <>
          <A href={all}>{plural(passport.otherRuns.length, 'other container')}</A> of the same
          workload.
        </>
      }
      title="Beside it"
    />
  );
}

function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const all = Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1));
  if (all.length === 0) return null;
  return (
    <section className="card">
      <h2>Says of itself</h2>
      <p className="sentence">{plural(all.length, 'label')}.</p>
      <dl className="card-rows">
        {all.slice(0, 12).map(([name, value]) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
