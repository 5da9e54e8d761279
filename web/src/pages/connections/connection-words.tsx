import type { Connection } from '../../../../src/features/connections/connections-contract.ts';
import { plural } from '../../kit/format.ts';
import { Pill, type Tone } from '../../kit/pill.tsx';

const states: Readonly<Record<Connection['state'], { tone: Tone; word: string }>> = {
  new: { tone: 'unknown', word: 'Not read yet' },
  reading: { tone: 'accent', word: 'Reading' },
  fresh: { tone: 'good', word: 'Fresh' },
  partial: { tone: 'medium', word: 'Read in part' },
  stopped: { tone: 'critical', word: 'Stopped' },
  paused: { tone: 'plain', word: 'Paused' },
};

export function ConnectionPill({ connection }: { readonly connection: Connection }) {
  const { tone, word } = states[connection.state];
  return (
    <Pill title={connection.stateReason} tone={tone}>
      {word}
    </Pill>
  );
}

/** `12 containers run, 4 images, 1 host`: only what there is. */
export function countWords(counts: Connection['counts']): string {
  const parts = [
    counts.containersRunning > 0 ? plural(counts.containersRunning, 'running container') : '',
    counts.images > 0 ? plural(counts.images, 'image') : '',
    counts.repositories > 0 ? plural(counts.repositories, 'repository', 'repositories') : '',
    counts.hosts > 0 ? plural(counts.hosts, 'host') : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing seen yet' : parts.join(', ');
}

/** What all connections together say, silent ones first. */
export function connectionsSummary(connections: readonly Connection[]): string {
  const stopped = connections.filter(({ state }) => state === 'stopped');
  const paused = connections.filter(({ state }) => state === 'paused').length;
  const parts = [`${plural(connections.length, 'connection')}.`];
  if (stopped.length > 0) {
    const names = stopped.slice(0, 2).map(({ name }) => name);
    const more = stopped.length > 2 ? ` and ${stopped.length - 2} more` : '';
    const verb = stopped.length === 1 ? 'is' : 'are';
    parts.push(
      `${names.join(', ')}${more} ${verb} silent: what they saw is as of their last read.`,
    );
  }
  if (paused > 0) parts.push(`${paused} paused.`);
  return parts.join(' ');
}
