import { type RunningServer, startServer } from '../app/server.ts';
import { parseServeConfig, type ServeConfig } from '../platform/config.ts';
import { isRoot } from '../platform/database/postgres-user.ts';
import { errorFields, type Log, processLog } from '../platform/log.ts';
import type { ExitCode, Streams } from './command.ts';
import { runGuarded } from './storage-flags.ts';

export const SERVE_USAGE = `wharfinger serve [--data DIR] [--host H] [--port N] [--database-url URL]
                 [--tls-cert F --tls-key F] [--public-url URL] [--trusted-proxy ADDR] [--sample]

Starts the server with its own PostgreSQL in the data folder, at http://localhost:7420.

  --data DIR           where everything is kept; ./data, for root /var/lib/wharfinger
  --host H, --port N   where to listen; localhost and 7420. Another host needs TLS or a proxy
  --database-url URL   a PostgreSQL of yours (15 or newer) in place of the bundled one
  --tls-cert, --tls-key   PEM files
  --public-url URL     the address people open, such as https://wharfinger.example.org
  --trusted-proxy ADDR a proxy whose X-Forwarded headers are believed; may be repeated
  --sample             load a sample estate, marked as such

Each has a variable: WHARFINGER_DATA, WHARFINGER_PORT …; DATABASE_URL; WHARFINGER_KEY_FILE names
the key of the stored secrets. Ctrl-C stops it, a second Ctrl-C at once.

Exit code: 0 stopped when asked, 1 could not start or go on, 2 wrong use.`;

function announceReady(server: RunningServer, stdout: Streams['stdout']): void {
  stdout.write(`Wharfinger is ready at ${server.url}\n`);
  if (server.setUpLink === undefined) return;
  // A log may be read by many, and the link makes an owner: only a person at a terminal sees it.
  if (stdout.isTTY === true) {
    stdout.write(`Set up the first owner here, once: ${server.setUpLink}\n`);
  } else {
    stdout.write(`The one-time set-up link is in ${server.setUpLinkFile}\n`);
  }
}

// npm passes on the Ctrl-C that the terminal has sent to its child already, so two arrive at once.
const SAME_REQUEST_MS = 500;

/** Resolves when somebody asks the process to stop; `again` is told of every further request. */
function untilAskedToStop(again: () => void): Promise<'asked'> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const onSignal = (): void => {
      if (askedAt === undefined) askedAt = performance.now();
      else if (performance.now() - askedAt > SAME_REQUEST_MS) again();
      resolve('asked');
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', onSignal);
  });
}

async function serveUntilAsked(
  config: ServeConfig,
  log: Log,
  { stdout, stderr }: Streams,
): Promise<0 | 1> {
  const asked = untilAskedToStop(() => process.exit(1));
  const defect = new Promise<string>((resolve) => {
    process.once('uncaughtException', (error) => {
      log.error('A defect stopped the server.', errorFields(error));
      resolve('Something inside Wharfinger went wrong.');
    });
  });
  const server = await startServer(config, log);
  announceReady(server, stdout);
  const end = await Promise.race([asked, server.failure, defect]);
  if (end !== 'asked') stderr.write(`${end} The server stops.\n`);
  await server.stop();
  return end === 'asked' ? 0 : 1;
}

/** Runs `wharfinger serve` until it is asked to stop; answers its exit code and never throws. */
export function runServe(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('serve', streams, async () => {
    const config = parseServeConfig(parameters, process.env, isRoot());
    return serveUntilAsked(config, processLog(config.logLevel), streams);
  });
}
