import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../platform/log.ts';
import { PROJECT_FOLDER } from './version.ts';

const BUILD_MS_MAX = 120_000;
const SOURCES = [
  'web/**/*',
  'src/client/**/*.ts',
  'src/model/**/*.ts',
  'src/features/**/*-contract.ts',
  'package-lock.json',
];

/** One digest over everything the console is built from. */
function sourceDigest(): string {
  const hash = createHash('sha256');
  const files = globSync(SOURCES, {
    cwd: PROJECT_FOLDER,
    withFileTypes: true,
    exclude: (entry) => entry.name === 'node_modules' || entry.name === 'dist',
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const file of files) {
    hash
      .update(`${file.slice(PROJECT_FOLDER.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function runVite(
  outFolder: string,
  signal: AbortSignal,
): Promise<{ isDone: boolean; output: string }> {
  return new Promise((resolve) => {
    const vite = join(PROJECT_FOLDER, 'node_modules/vite/bin/vite.js');
    // `native`: Vite's own loader writes beside the config, and the project may be read-only.
    const parameters = [vite, 'build', join(PROJECT_FOLDER, 'web'), '--outDir', outFolder];
    parameters.push('--emptyOutDir', '--configLoader', 'native', '--logLevel', 'warn');
    const child = spawn(process.execPath, parameters, {
      cwd: join(PROJECT_FOLDER, 'web'),
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: BUILD_MS_MAX,
      signal,
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ isDone: false, output: error.message }));
    child.once('close', (code) => resolve({ isDone: code === 0, output }));
  });
}

/**
 * The folder of the built console, building it first when its sources changed since the last start:
 * in the data folder, as the project folder may be read-only, and whole or not at all. Undefined,
 * with a line in the log, when there is none to build or it does not build: the API works without.
 */
export async function buildConsole(
  parent: string,
  log: Log,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!existsSync(join(PROJECT_FOLDER, 'web/index.html'))) {
    log.warn('There is no console in this version.');
    return undefined;
  }
  const folder = join(parent, sourceDigest());
  if (existsSync(join(folder, 'index.html'))) return folder;
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  log.info('Building the console.');
  const { isDone, output } = await runVite(unfinished, signal);
  if (signal.aborted) return undefined;
  if (!isDone) {
    log.error('The console does not build.', { output });
    return undefined;
  }
  renameSync(unfinished, folder);
  for (const other of readdirSync(parent)) {
    if (join(parent, other) !== folder)
      rmSync(join(parent, other), { recursive: true, force: true });
  }
  return folder;
}
