import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const repositoryRoot = resolve(import.meta.dirname, '../..');

type RunOptions = { readonly show?: boolean; readonly environment?: NodeJS.ProcessEnv };
type Ended = { readonly code: number; readonly output: string };

// Enough for any tool's complaint; the beginning says what is wrong.
const outputBytesMax = 200_000;

const running = new Set<ChildProcess>();

/** Asks whatever runs at this moment to end. */
export function interruptRunning(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** Runs a program to its end. Its output is shown as it comes, or kept for the caller. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const [program = '', ...args] = command;
  return new Promise((done) => {
    const child = spawn(program, args, {
      cwd: repositoryRoot,
      env: options.environment ?? process.env,
      stdio: options.show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    const keep = (bytes: Buffer): void => {
      if (output.length < outputBytesMax) output += bytes.toString('utf8');
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => done({ code: 127, output: `${program}: ${error.message}\n` }));
    child.on('close', (code) => {
      running.delete(child);
      done({ code: code ?? 1, output });
    });
  });
}

export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
