import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from './run.ts';

export type TestEngine = {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Ends the engine with its containers and files. It also ends when this process does. */
  readonly stop: () => Promise<void>;
};

/** Starts a Docker Engine of our own in a private folder, or says why it does not start. */
export async function startTestEngine(): Promise<TestEngine | { readonly problem: string }> {
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'engine-guard.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    guard.once('exit', () => resolve());
    guard.once('error', () => resolve());
  });
  const lines = createInterface({ input: guard.stdout });
  const first = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    ended.then(() => 'failed "the engine ended"'),
  ]);
  const [word, ...rest] = first.split(' ');
  if (word !== 'ready') return { problem: String(JSON.parse(rest.join(' '))) };
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await ended;
  };
  return { host: rest.join(' '), stop };
}

// bin/node tools/test/engine.ts COMMAND…: runs one command with an engine, as `npm test` does.
if (import.meta.main) {
  const engine = await startTestEngine();
  if ('problem' in engine) {
    console.error(engine.problem);
    process.exit(1);
  }
  const environment = { ...process.env, DOCKER_HOST: engine.host };
  const { code } = await run(process.argv.slice(2), { show: true, environment });
  await engine.stop();
  process.exit(code);
}
