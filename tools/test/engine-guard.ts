import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

// Holds a Docker Engine for as long as its standard input stays open. Whoever started this may die
// in any way, kill -9 included: the pipe closes, and the engine ends with its containers and files.

const readyWithinSeconds = 60;
const endsWithinSeconds = 30;
const logCharactersShown = 2_000;

// A short path: the engine makes Unix sockets far below it, and those end at 107 bytes.
const folder = mkdtempSync('/tmp/wharfinger-engine-');
const socket = join(folder, 'docker.sock');
const logFile = join(folder, 'log');

function startEngine(extra: readonly string[]) {
  const log = openSync(logFile, 'a');
  const own = [
    ['--host', `unix://${socket}`],
    ['--data-root', join(folder, 'data')],
    ['--exec-root', join(folder, 'exec')],
    ['--pidfile', join(folder, 'docker.pid')],
  ].flat();
  // Detached: Ctrl-C at the terminal must reach the suites first, and the engine only from here.
  const child = spawn('dockerd', [...own, ...extra], {
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  return { child, ended, hasEnded: () => child.exitCode !== null || child.pid === undefined };
}

type Engine = ReturnType<typeof startEngine>;

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: socket, path: '/_ping', timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.on('timeout', () => asked.destroy());
    asked.end();
  });
}

async function isReady(engine: Engine): Promise<boolean> {
  const until = performance.now() + readyWithinSeconds * 1_000;
  while (performance.now() < until && !engine.hasEnded()) {
    if (await answers()) return true;
    await delay(100);
  }
  return false;
}

async function stop(engine: Engine): Promise<void> {
  if (engine.hasEnded()) return;
  engine.child.kill('SIGTERM');
  const late = delay(endsWithinSeconds * 1_000, 'late', { ref: false });
  if ((await Promise.race([engine.ended, late])) === 'late') engine.child.kill('SIGKILL');
  await engine.ended;
}

function removeFolder(): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // A mount the engine left behind when it was killed: nothing that this run may take apart.
  }
}

/** Some machines let nobody touch iptables, and some have no overlay file system to nest. */
async function startSomeEngine(): Promise<Engine | undefined> {
  const ways = [[], ['--iptables=false'], ['--iptables=false', '--storage-driver=vfs']];
  for (const extra of ways) {
    const engine = startEngine(extra);
    if (await isReady(engine)) return engine;
    await stop(engine);
  }
  return undefined;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const released = new Promise<void>((resolve) => {
  process.stdin.once('end', resolve).once('error', () => resolve());
});
process.stdin.resume();
// Nobody may be listening any more when the last line is written.
process.stdout.on('error', () => {});

const engine = await startSomeEngine();
if (engine === undefined) {
  const log = readFileSync(logFile, 'utf8').slice(-logCharactersShown);
  process.stdout.write(`failed ${JSON.stringify(log)}\n`);
} else {
  process.stdout.write(`ready unix://${socket}\n`);
  await Promise.race([released, engine.ended]);
  await stop(engine);
}
removeFolder();
process.exit(engine === undefined ? 1 : 0);
