import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one run of a command took. */
export type Run = {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMebibytes: number;
};

const POLL_MILLISECONDS = 10;
const TICKS_PER_SECOND = 100;

/** Runs commands side by side and sums what they took; their output is thrown away. */
export async function measure(
  commands: readonly (readonly string[])[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const start = performance.now();
  const runs = await Promise.all(commands.map((command) => measureOne(command, environment)));
  return {
    wallSeconds: (performance.now() - start) / 1000,
    cpuSeconds: runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMebibytes: runs.reduce((sum, { peakMebibytes }) => sum + peakMebibytes, 0),
  };
}

async function measureOne(
  [command = '', ...parameters]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Omit<Run, 'wallSeconds'>> {
  const child = spawn(command, parameters, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-2000);
  });
  let seen = { cpuSeconds: 0, peakMebibytes: 0 };
  const timer = setInterval(() => {
    seen = lookAt(child, seen);
  }, POLL_MILLISECONDS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command} ${parameters.join(' ')} exited ${code}: ${said}`);
  return seen;
}

/** proc(5): utime and stime are fields 14 and 15 of stat, VmHWM is the peak of resident memory. */
function lookAt(child: ChildProcess, before: Omit<Run, 'wallSeconds'>) {
  try {
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const peak = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
    return {
      cpuSeconds: ticks / TICKS_PER_SECOND,
      peakMebibytes: peak === undefined ? before.peakMebibytes : Number(peak) / 1024,
    };
  } catch {
    return before;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
