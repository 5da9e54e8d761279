import { Button } from '@mantine/core';
import {
  inventoryEndpoints,
  type Overview,
} from '../../../../src/features/inventory/inventory-contract.ts';
import { useApi } from '../../kit/api.ts';
import { formatCount, plural } from '../../kit/format.ts';
import { A } from '../../kit/navigation.tsx';
import { Pill, type Tone } from '../../kit/pill.tsx';
import { useMay, useSession } from '../../kit/session.ts';
import { Sparkline } from '../../kit/sparkline.tsx';
import { Answered, EmptyState } from '../../kit/states.tsx';
import { AnswerPage, Card } from '../../kit/templates.tsx';
import { Time } from '../../kit/time.tsx';
import { Activity } from './activity.tsx';
import { changeSentence, overviewTitle } from './overview-words.ts';

/** What needs me today, how fresh what I see is, and the estate in numbers. */
export function OverviewPage() {
  const overview = useApi(inventoryEndpoints.getOverview, {}, { every: 3_000 });
  return (
    <Answered query={overview} rows={6}>
      {(answer) => (answer.freshness.length === 0 ? <Unconnected /> : <Answer answer={answer} />)}
    </Answered>
  );
}

function Unconnected() {
  const mayConnect = useMay('connection.manage');
  return (
    <AnswerPage
      summary="Wharfinger shows what its connections see."
      title="Nothing is connected yet"
    >
      <div className="card">
        <EmptyState
          act={mayConnect ? { label: 'Connect a system', href: '/connections/add' } : undefined}
          title="Connect a Docker Engine first"
        >
          Its containers, their images and all that is in them show up here within minutes, each
          fact with the time it was read and its proof.
        </EmptyState>
      </div>
    </AnswerPage>
  );
}

function Answer({ answer }: { readonly answer: Overview }) {
  return (
    <AnswerPage
      aside={
        <>
          <Freshness rows={answer.freshness} />
          <Since since={answer.since} />
          <Adoption adoption={answer.adoption} />
        </>
      }
      summary={answer.completeness}
      title={overviewTitle(answer)}
    >
      {answer.needs.length === 0 ? null : <Needs needs={answer.needs} />}
      <div className="numbers">
        <NumberCard
          href="/containers"
          label="Running containers"
          trend={answer.runningContainers}
        />
        <NumberCard
          href="/containers?owner=none"
          label="Not owned by anyone"
          trend={answer.unowned}
        />
        <NumberCard
          href="/images?catalogue=waiting"
          label="Contents not known yet"
          trend={answer.notCatalogued}
        />
      </div>
      <Activity days={answer.activity} />
    </AnswerPage>
  );
}

const needTone: Readonly<Record<Overview['needs'][number]['tone'], Tone>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  good: 'good',
  unknown: 'unknown',
};

function Needs({ needs }: { readonly needs: Overview['needs'] }) {
  return (
    <section aria-label="What needs you" className="card">
      <ul>
        {needs.map((need) => (
          <li className="need" key={need.title}>
            <span className="verb">
              <Pill tone={needTone[need.tone]}>{need.verb}</Pill>
            </span>
            <div>
              <strong>{need.title}</strong>
              <div className="small">{need.detail}</div>
            </div>
            <span className="due small">{need.due}</span>
            <Button
              aria-label={`Open: ${need.title}`}
              component={A}
              href={need.link}
              variant="default"
            >
              Open
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

type NumberProps = {
  readonly label: string;
  readonly href: string;
  readonly trend: Overview['unowned'];
};

function NumberCard({ label, href, trend }: NumberProps) {
  return (
    <A className="card number" href={href}>
      <span>
        <span className="third">{label}</span>
        <b>{formatCount(trend.value)}</b>
        <span className="third">{changeSentence(trend.change)}</span>
      </span>
      <Sparkline points={trend.points.map(({ value }) => value)} />
    </A>
  );
}

function Freshness({ rows }: { readonly rows: Overview['freshness'] }) {
  const tones = { fresh: 'good', partial: 'medium', stopped: 'critical' } as const;
  return (
    <Card
      rows={rows.slice(0, 4).map((row) => ({
        name: (
          <>
            <A href={`/connections?kind=${encodeURIComponent(row.kind)}`}>{row.title}</A>
            <div className="small">{row.detail}</div>
          </>
        ),
        value: (
          <Pill tone={tones[row.state]}>
            {row.state === 'stopped' && row.total === 1
              ? 'Stopped'
              : `${formatCount(row.fresh)} of ${formatCount(row.total)}`}
          </Pill>
        ),
      }))}
      title="How fresh is what you see"
    />
  );
}

function Since({ since }: { readonly since: Overview['since'] }) {
  const { previousVisitAt } = useSession();
  const go = (href: string, value: string) => <A href={href}>{value}</A>;
  return (
    <section className="card">
      <h2>
        {previousVisitAt === undefined || since.at === undefined ? (
          'In the last 24 hours'
        ) : (
          <>
            Since you were here, <Time at={since.at} />
          </>
        )}
      </h2>
      <dl className="card-rows">
        <div>
          <dt>New images</dt>
          <dd>{go('/images?sort=-seen', formatCount(since.newImages))}</dd>
        </div>
        <div>
          <dt>Containers started, ended</dt>
          <dd>
            {go('/containers?state=all', formatCount(since.containersStarted))},{' '}
            {go('/containers?state=ended', formatCount(since.containersEnded))}
          </dd>
        </div>
        <div>
          <dt>New components</dt>
          <dd>{go('/components', formatCount(since.newComponents))}</dd>
        </div>
      </dl>
    </section>
  );
}

function Adoption({ adoption }: { readonly adoption: Overview['adoption'] }) {
  if (adoption.workloads === 0) return null;
  const share = Math.round((100 * adoption.containers) / adoption.workloads);
  return (
    <Card
      sentence={`${share}% of ${plural(adoption.workloads, 'workload')} run as containers.`}
      title="Containers among all workloads"
    >
      <p className="small">{adoption.definition}</p>
    </Card>
  );
}
