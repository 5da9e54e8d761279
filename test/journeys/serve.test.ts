import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signalPostgresProcesses } from '../../src/platform/database/postgres-processes.ts';
import { testDatabase } from '../harness/database.ts';
import { describeWith } from '../harness/parts.ts';
import {
  clusterOf,
  databaseAddressOf,
  freePort,
  killPostgresOf,
  PROJECT,
  postgresProcessesOf,
  type Served,
  type ServeOptions,
  startServe,
  stopServe,
  temporaryFolder,
  untilReady,
} from '../harness/serve.ts';

const isRoot = process.geteuid?.() === 0;
const folder = temporaryFolder();
const data = join(folder.path, 'data');
const started: Served[] = [];
let port = 0;

function serve(options: Partial<ServeOptions> = {}): Served {
  const served = startServe({ data, port, ...options });
  started.push(served);
  return served;
}

/** What a start that must fail says, without the lines of its log. */
async function refusal(options: Partial<ServeOptions>): Promise<{ code: unknown; says: string }> {
  const served = serve(options);
  const code = await served.ended;
  const lines = served.output().trimEnd().split('\n');
  return { code, says: lines.filter((line) => !line.startsWith('{')).join('\n') };
}

beforeAll(async () => {
  port = await freePort();
});

afterEach(async () => {
  for (const served of started.splice(0)) {
    served.process.kill('SIGKILL');
    await served.ended;
  }
  killPostgresOf(data);
});

afterAll(() => folder.remove());

describe('a start', () => {
  it('makes everything the first time, and leaves nothing running when stopped', async () => {
    const served = await untilReady(serve());

    const health = await fetch(`${served.url}/api/v1/health`);
    const running = postgresProcessesOf(data);
    const end = await stopServe(served);

    expect(health.status).toBe(200);
    expect(running.length).toBeGreaterThan(0);
    expect(end).toBe(0);
    expect(postgresProcessesOf(data)).toEqual([]);
  });

  it('runs PostgreSQL as a user without rights on a Unix socket alone', async () => {
    const served = await untilReady(serve());

    const [pid] = postgresProcessesOf(data);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const address = databaseAddressOf(data);
    const client = new Client(address);
    await client.connect();
    const { rows } = await client.query('show listen_addresses');
    await client.end();
    await stopServe(served);

    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0');
    expect(rows).toEqual([{ listen_addresses: '' }]);
    expect(existsSync(address.host)).toBe(false);
  });

  it('closes its data to other users', async () => {
    expect(statSync(clusterOf(data)).mode & 0o077).toBe(0);
    expect(statSync(join(data, 'keys')).mode & 0o077).toBe(0);
    expect(statSync(join(data, 'keys/secret.key')).mode & 0o077).toBe(0);
    expect(statSync(data).mode & 0o066).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly on %s', async (signal) => {
    const served = await untilReady(serve());

    served.process.kill(signal);

    expect(await served.ended).toBe(0);
    expect(postgresProcessesOf(data)).toEqual([]);
    expect(existsSync(join(clusterOf(data), 'postmaster.pid'))).toBe(false);
  });

  it('takes two signals at once for one request, since npm passes Ctrl-C on', async () => {
    const served = await untilReady(serve());
    // Signals of one kind merge while one is pending, hence two kinds.
    served.process.kill('SIGINT');
    served.process.kill('SIGTERM');

    expect(await served.ended).toBe(0);
    expect(postgresProcessesOf(data)).toEqual([]);
  });

  it('stops at once on a second signal, and starts again', async () => {
    const served = await untilReady(serve());
    // A database that hangs keeps the server from stopping.
    signalPostgresProcesses(clusterOf(data), 'SIGSTOP');
    served.process.kill('SIGINT');
    await wait(700);
    served.process.kill('SIGINT');

    expect(await served.ended).toBe(1);
    signalPostgresProcesses(clusterOf(data), 'SIGCONT');
    expect(await stopServe(await untilReady(serve()))).toBe(0);
  });

  it('outlives the loss of all its connections, as when a database restarts', async () => {
    const served = await untilReady(serve());
    const client = new Client(databaseAddressOf(data));
    await client.connect();
    for (let round = 0; round < 20; round++) {
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()`);
      await wait(50);
    }
    await client.end();

    expect((await fetch(`${served.url}/api/v1/health`)).status).toBe(200);
    expect(await stopServe(served)).toBe(0);
  });

  it('stops when its database is killed, and says so', async () => {
    const served = await untilReady(serve());

    killPostgresOf(data);

    expect(await served.ended).toBe(1);
    expect(served.output()).toContain('PostgreSQL ended by itself');
  });
});

/** Eleven starts of a server: a bound on hanging, not a measurement. */
const KILLS_MS_MAX = 300_000;

describe('kill -9', () => {
  it(
    'of the server alone or of everything, ten times, loses nothing that was acknowledged',
    async () => {
      let acknowledged = 0;
      const socketFolders: string[] = [];
      for (let round = 0; round < 10; round++) {
        const served = await untilReady(serve());
        const address = databaseAddressOf(data);
        socketFolders.push(address.host);
        const client = new Client(address);
        client.on('error', () => {});
        await client.connect();
        await client.query('create table if not exists public.mark (n int primary key)');
        const { rows } = await client.query('select count(*)::int as n from public.mark');
        expect(rows[0].n).toBeGreaterThanOrEqual(acknowledged);
        let next = rows[0].n;
        let wake = (): void => {};
        const isBusy = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const writing = (async () => {
          for (;;) {
            await client.query('insert into public.mark values ($1)', [next]);
            next += 1;
            if (next % 50 === 0) wake();
          }
        })().catch(() => {});
        await isBusy;
        served.process.kill('SIGKILL');
        if (round % 2 === 0) killPostgresOf(data);
        else if (round % 4 === 1) process.kill(postgresProcessesOf(data)[0] ?? 0, 'SIGKILL');
        await served.ended;
        if (round % 2 === 0) await writing;
        acknowledged = next;
        await client.end().catch(() => {});
      }
      const last = await untilReady(serve());
      const client = new Client(databaseAddressOf(data));
      await client.connect();
      const { rows } = await client.query(
        'select count(*)::int as n, max(n) as top from public.mark',
      );
      await client.end();

      expect(rows[0].n).toBeGreaterThanOrEqual(acknowledged);
      expect(rows[0].top).toBe(rows[0].n - 1);
      expect(await stopServe(last)).toBe(0);
      expect(socketFolders.filter((path) => existsSync(path))).toEqual([]);
    },
    KILLS_MS_MAX,
  );

  it('leaves a postmaster.pid that names another program, and the next start sees through it', async () => {
    const served = await untilReady(serve());
    served.process.kill('SIGKILL');
    killPostgresOf(data);
    await served.ended;
    const file = join(clusterOf(data), 'postmaster.pid');
    const lines = readFileSync(file, 'utf8').split('\n');
    // This very process: alive, and not PostgreSQL.
    writeFileSync(file, [String(process.pid), ...lines.slice(1)].join('\n'));

    expect(await stopServe(await untilReady(serve()))).toBe(0);
  });
});

describe('a start that cannot be says why in one sentence and exits with 1', () => {
  it.each(['127.0.0.1', 'localhost'])('when the port is taken on %s', async (host) => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(port, host, done));

    const { code, says } = await refusal({});
    await new Promise((done) => other.close(done));

    expect(says).toBe(
      `Port ${port} on localhost is taken by another program: stop it, or choose another with --port.`,
    );
    expect(code).toBe(1);
  });

  it('when another server uses the data folder', async () => {
    const first = await untilReady(serve());

    const { code, says } = await refusal({ port: await freePort() });

    expect(says).toBe(
      `The data folder ${data} is in use by another Wharfinger ` +
        `(process ${first.process.pid}, ${first.url}).`,
    );
    expect(code).toBe(1);
    expect(await stopServe(first)).toBe(0);
  });

  it('when the data folder cannot be written', async () => {
    const { code, says } = await refusal({ data: '/proc/wharfinger' });

    expect(says).toMatch(
      /^The data folder \/proc\/wharfinger cannot be written \(E[A-Z]+\): [^\n]+$/,
    );
    expect(code).toBe(1);
  });

  it('when the data folder is a file', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');

    const { code, says } = await refusal({ data: file });

    expect(says).toMatch(/^The data folder \S+ cannot be written \(E[A-Z]+\): [^\n]+$/);
    expect(code).toBe(1);
  });

  it('when a newer version wrote the data folder', async () => {
    const newer = join(folder.path, 'newer');
    mkdirSync(newer);
    writeFileSync(join(newer, 'version.json'), '{"layout":2,"version":"9.0.0"}');

    const { code, says } = await refusal({ data: newer });

    expect(says).toBe(
      `The data folder ${newer} was written by a newer version of Wharfinger (9.0.0): ` +
        'start that version.',
    );
    expect(code).toBe(1);
  });

  it('when the given database does not answer, without its password', async () => {
    const url = 'postgresql://someone:hunter2@127.0.0.1:1/wharfinger';

    const { code, says } = await refusal({ environment: { DATABASE_URL: url } });

    expect(says).toBe(
      'The database at 127.0.0.1:1 does not answer (ECONNREFUSED): check --database-url or DATABASE_URL.',
    );
    expect(code).toBe(1);
  });

  it('when the TLS files are none', async () => {
    const file = join(folder.path, 'file');
    const { code, says } = await refusal({ flags: ['--tls-cert', file, '--tls-key', file] });

    expect(says).toMatch(/^\S+ and \S+ must be a certificate and its key, .+$/);
    expect(code).toBe(1);
  });

  it.runIf(isRoot)('when root keeps its data where no one else may enter', async () => {
    const closed = join(folder.path, 'closed');
    mkdirSync(closed, { mode: 0o700 });

    const { code, says } = await refusal({ data: join(closed, 'inner/data') });

    expect(says).toMatch(/^PostgreSQL runs as a user without rights, who cannot reach .+$/);
    expect(code).toBe(1);
  });
});

describe('a database of the operator', () => {
  it('is used in place of the bundled one, by two servers that start together', async () => {
    const { url } = await testDatabase({ content: 'empty' });
    const both = await Promise.all(
      ['first', 'second'].map(async (name) =>
        serve({
          data: join(folder.path, name),
          port: await freePort(),
          environment: { DATABASE_URL: url },
        }),
      ),
    );

    for (const served of both) {
      await untilReady(served);
      expect((await fetch(`${served.url}/api/v1/health`)).status).toBe(200);
    }
    expect(existsSync(join(folder.path, 'first/postgres'))).toBe(false);
    for (const served of both) expect(await stopServe(served)).toBe(0);
  });
});

describe('wrong use exits with 2', () => {
  it.each([
    [['--prot', '1'], "Unknown option '--prot'."],
    [['--host', '0.0.0.0'], '--host 0.0.0.0 opens Wharfinger to the network'],
    [['--tls-cert', '/etc/hostname'], '--tls-cert and --tls-key belong together'],
  ])('%j', async (flags, sentence) => {
    const { code, says } = await refusal({ flags });

    expect(says).toContain(sentence);
    expect(code).toBe(2);
  });
});

/** A clone that another user can read: this one, or hard links to it where that is closed. */
function projectFor(uid: number): string {
  const seen = spawnSync(join(PROJECT, 'bin/wharfinger'), ['version'], { uid, cwd: '/' });
  if (seen.status === 0) return PROJECT;
  const clone = join(folder.path, 'clone');
  const copied = spawnSync('cp', ['-al', PROJECT, clone]);
  if (copied.status !== 0) spawnSync('cp', ['-a', PROJECT, clone]);
  return clone;
}

describeWith([{ part: 'root', isUsable: isRoot }], 'an ordinary user', () => {
  const user = { uid: 65534, gid: 65534 };
  const own = join(folder.path, 'own');

  it('starts and stops it in a folder of their own', async () => {
    chmodSync(folder.path, 0o755);
    mkdirSync(own);
    chownSync(own, user.uid, user.gid);
    const project = projectFor(user.uid);

    const served = await untilReady(serve({ data: join(own, 'data'), user, project }));
    const uids = postgresProcessesOf(join(own, 'data')).map((pid) => statSync(`/proc/${pid}`).uid);

    expect(await stopServe(served)).toBe(0);
    expect(new Set(uids)).toEqual(new Set([user.uid]));
    expect(postgresProcessesOf(join(own, 'data'))).toEqual([]);
  });

  it('without a line in /etc/passwd is told that PostgreSQL needs one', async () => {
    const stranger = { uid: 54321, gid: 54321 };
    const strange = join(folder.path, 'strange');
    mkdirSync(strange);
    chownSync(strange, stranger.uid, stranger.gid);
    const project = projectFor(stranger.uid);

    const { code, says } = await refusal({ data: join(strange, 'data'), user: stranger, project });

    expect(says).toMatch(/^PostgreSQL needs its user to have a line in \/etc\/passwd: .+$/);
    expect(code).toBe(1);
  });

  it('is told when the data folder is not theirs', async () => {
    const { code, says } = await refusal({ user, project: projectFor(user.uid) });

    expect(says).toMatch(/^The data folder \S+ cannot be written \(EACCES\): [^\n]+$/);
    expect(code).toBe(1);
  });
});
