import { readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { unavailable } from '../../model/errors.ts';

const POLL_MS = 20;

function isZombie(pid: number): boolean {
  // proc(5): the state follows the command name, which is in parentheses and may hold anything.
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z';
}

/**
 * The live processes of the PostgreSQL that serves `cluster`: the postmaster and all its children
 * have the cluster as their working folder (they chdir into it at start). That is surer than the id
 * in postmaster.pid, which after a crash may name a zombie or another program.
 */
export function listPostgresProcesses(cluster: string): readonly number[] {
  const wanted = statSync(cluster, { throwIfNoEntry: false });
  if (wanted === undefined) return [];
  const found: number[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const folder = statSync(`/proc/${pid}/cwd`);
      if (folder.dev !== wanted.dev || folder.ino !== wanted.ino || isZombie(pid)) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      if (command.includes('postgres')) found.push(pid);
    } catch {
      // Ended meanwhile, or another user's: neither is ours to end.
    }
  }
  return found;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Ended meanwhile.
    }
  }
}

export function signalPostgresProcesses(cluster: string, signal: NodeJS.Signals): void {
  signalAll(listPostgresProcesses(cluster), signal);
}

async function waitUntilGone(cluster: string, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    if (listPostgresProcesses(cluster).length === 0) return true;
    await wait(POLL_MS);
  }
  return false;
}

/**
 * Ends every process that serves `cluster`: asked first (SIGINT is PostgreSQL's fast shutdown,
 * which writes a checkpoint), then told (SIGQUIT), then killed. What was acknowledged survives all
 * three. Answers how many there were. Call it only while holding the lock of the data folder.
 */
export async function endPostgresProcesses(cluster: string, patienceMs: number): Promise<number> {
  const found = listPostgresProcesses(cluster);
  if (found.length === 0) return 0;
  // Children without their postmaster take no orders, but end by themselves once they notice.
  for (const [signal, withinMs] of [
    ['SIGINT', patienceMs],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    signalPostgresProcesses(cluster, signal);
    if (await waitUntilGone(cluster, withinMs)) return found.length;
  }
  throw unavailable('A PostgreSQL left over from an earlier run does not end.', {
    code: 'postgres-stuck',
    context: { pids: listPostgresProcesses(cluster) },
  });
}
