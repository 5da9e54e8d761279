import type { SyncRun } from '../../../src/features/connections/connections-contract.ts';
import { capitalise, formatCount, plural } from './format.ts';
import { Pill, type Tone } from './pill.tsx';

const runTone: Readonly<Record<SyncRun['state'], { tone: Tone; word: string }>> = {
  running: { tone: 'accent', word: 'Reading' },
  good: { tone: 'good', word: 'Done' },
  partial: { tone: 'medium', word: 'Done in part' },
  failed: { tone: 'critical', word: 'Failed' },
};

export function RunPill({ state }: { readonly state: SyncRun['state'] }) {
  const { tone, word } = runTone[state];
  return <Pill tone={tone}>{word}</Pill>;
}

type Part = SyncRun['parts'][number];

/** `412 of 1,000`, or what is known of it. */
export function partWords(part: Part): string {
  if (part.state === 'waiting') return 'waits';
  if (part.total === undefined) return formatCount(part.done);
  return `${formatCount(part.done)} of ${formatCount(part.total)}`;
}

/** A run: progress by part, what failed and why, what it changed. */
export function RunProgress({ run }: { readonly run: SyncRun }) {
  return (
    <ul aria-label="Progress by part" className="stack" style={{ gap: 8, marginTop: 12 }}>
      {run.parts.map((part) => (
        <li className="row" key={part.name} style={{ flexWrap: 'nowrap' }}>
          <span style={{ flex: '0 0 110px' }}>{capitalise(part.name)}</span>
          <PartBar part={part} />
          <span className="small" style={{ flex: '0 0 110px', textAlign: 'right' }}>
            {part.state === 'failed' ? <Pill tone="critical">failed</Pill> : partWords(part)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function PartBar({ part }: { readonly part: Part }) {
  const isDone = part.state === 'good' || part.state === 'partial';
  const total = Math.max(part.total ?? 0, part.done, 1);
  const share = isDone ? 100 : Math.round((100 * part.done) / total);
  return (
    <span
      aria-label={part.name}
      aria-valuemax={100}
      aria-valuemin={0}
      aria-valuenow={share}
      className="progress"
      role="progressbar"
    >
      <i style={{ width: `${share}%` }} />
    </span>
  );
}

/** `12 appeared, 3 changed, 1 gone`, or that nothing changed. */
export function changeWords(changes: SyncRun['changes']): string {
  const parts = [
    [changes.appeared, 'appeared'],
    [changes.changed, 'changed'],
    [changes.gone, 'gone'],
  ] as const;
  const words = parts
    .filter(([count]) => count > 0)
    .map(([n, word]) => `${formatCount(n)} ${word}`);
  return words.length === 0 ? 'nothing changed' : words.join(', ');
}

/** What could not be read, and why. */
export function Problems({ problems }: { readonly problems: SyncRun['problems'] }) {
  if (problems.length === 0) return null;
  return (
    <section className="card">
      <h2>{plural(problems.length, 'thing')} could not be read</h2>
      <ul>
        {problems.slice(0, 100).map(({ subject, message }) => (
          <li key={`${subject} ${message}`} style={{ padding: '6px 0' }}>
            <span className="mono">{subject}</span>
            <div className="small">{message}</div>
          </li>
        ))}
      </ul>
      {problems.length > 100 ? (
        <p className="small">and {formatCount(problems.length - 100)} more</p>
      ) : null}
    </section>
  );
}
