import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import {
  databaseAddressOf,
  freePort,
  killPostgresOf,
  PROJECT,
  postgresProcessesOf,
  type Served,
  startServe,
  stopServe,
  temporaryFolder,
  untilReady,
} from '../harness/serve.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const port = await freePort();
const started: Served[] = [];

async function serveOn(data: string): Promise<Served> {
  const served = startServe({ data: at(data), port });
  started.push(served);
  return untilReady(served);
}

function run(...parameters: string[]): Promise<{ code: number | null; says: string }> {
  const child = spawn(join(PROJECT, 'bin/wharfinger'), parameters, {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let says = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      says += chunk.toString('utf8');
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, says })));
}

async function installationOf(data: string): Promise<unknown> {
  const client = new Client(databaseAddressOf(at(data)));
  await client.connect();
  const { rows } = await client.query('select id from platform.installation');
  await client.end();
  return rows[0];
}

afterAll(async () => {
  for (const served of started) {
    served.process.kill('SIGKILL');
    await served.ended;
  }
  for (const data of ['data', 'copy']) killPostgresOf(at(data));
  folder.remove();
});

describe('a backup by the command line', () => {
  it('of a running server is restored into a new folder, which serves the same', async () => {
    const first = await serveOn('data');
    const made = await run('backup', at('whole'), '--data', at('data'), '--with-key');
    const installation = await installationOf('data');
    expect(await stopServe(first)).toBe(0);

    const restored = await run('restore', at('whole'), '--data', at('copy'));
    const second = await serveOn('copy');

    expect(made).toMatchObject({ code: 0, says: expect.stringContaining('It holds the key') });
    expect(restored).toMatchObject({ code: 0, says: expect.stringMatching(/^Restored \d+ rows/) });
    expect(await installationOf('copy')).toEqual(installation);
    expect(readFileSync(at('copy/keys/secret.key'))).toEqual(
      readFileSync(at('data/keys/secret.key')),
    );
    expect(statSync(at('whole')).mode & 0o077).toBe(0);
    expect(await stopServe(second)).toBe(0);
  });

  it('works when no server runs, and leaves none running', async () => {
    const made = await run('backup', at('idle'), '--data', at('data'));

    expect(made.code).toBe(0);
    expect(postgresProcessesOf(at('data'))).toEqual([]);
  });

  it('never overwrites a file', async () => {
    const again = await run('backup', at('idle'), '--data', at('data'));

    expect(again).toEqual({
      code: 1,
      says: `${at('idle')} is there already: name a new file.\n`,
    });
  });

  it('is not loaded over data that is there', async () => {
    const over = await run('restore', at('idle'), '--data', at('data'));

    expect(over).toEqual({
      code: 1,
      says: `${at('data')} is not empty: restore into a new folder.\n`,
    });
  });

  it('that is damaged leaves the new folder as empty as it was', async () => {
    const foreign = await run('restore', join(PROJECT, 'package.json'), '--data', at('foreign'));

    expect(foreign).toEqual({ code: 1, says: 'The file is not a backup of Wharfinger.\n' });
    expect(existsSync(at('foreign'))).toBe(false);
  });

  it('of a folder without data says so', async () => {
    const nothing = await run('backup', at('nothing'), '--data', at('absent'));

    expect(nothing).toEqual({
      code: 1,
      says: `There is no data of Wharfinger in ${at('absent')}: name its folder with --data.\n`,
    });
    expect(existsSync(at('nothing'))).toBe(false);
  });
});

describe('owner-link', () => {
  it('prints a new link beside a running server and without one', async () => {
    const served = await serveOn('data');
    const beside = await run('owner-link', '--data', at('data'));
    await stopServe(served);
    const alone = await run('owner-link', '--data', at('data'));

    for (const { code, says } of [beside, alone]) {
      expect(code).toBe(0);
      expect(says).toMatch(new RegExp(`^http://localhost:${port}/set-up#[\\w-]{20,}\n$`));
    }
    expect(beside.says).not.toBe(alone.says);
  });
});
