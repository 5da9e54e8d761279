import { createInterface } from 'node:readline/promises';
import { createClient } from '../client/client.ts';
import { signInEndpoints } from '../features/sign-in/sign-in-contract.ts';
import { wrongUse } from '../platform/config.ts';
import type { ExitCode, Streams } from './command.ts';
import { saveLogin, serverAddress } from './remote.ts';
import { parseFlags, runGuarded } from './storage-flags.ts';
import { terminalText } from './terminal-text.ts';

export const LOGIN_USAGE = `wharfinger login [--server URL] [--token TOKEN]

Remembers a server and an API token for connect, connections, sync and search. Make the token in
the console, under your name. Without --token it is asked for, or read from standard input.

Exit code: 0 done, 1 could not, 2 wrong use.`;

const DEFAULT_SERVER = 'http://localhost:7420';

async function askToken(streams: Streams): Promise<string> {
  const isTerminal = process.stdin.isTTY === true;
  const reader = createInterface({ input: process.stdin, terminal: false });
  if (isTerminal) streams.stderr.write('API token: ');
  try {
    for await (const line of reader) return line.trim();
    return '';
  } finally {
    reader.close();
  }
}

export function runLogin(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('login', streams, async () => {
    const flags = { server: { type: 'string' }, token: { type: 'string' } } as const;
    const { values, positionals } = parseFlags(parameters, flags);
    if (positionals.length > 0) throw wrongUse('login takes no words, only flags.');
    const server = serverAddress(
      values.server ?? process.env['WHARFINGER_SERVER'] ?? DEFAULT_SERVER,
    );
    const token = values.token ?? (await askToken(streams));
    if (token === '') throw wrongUse('No token was given.');
    const { user } = await createClient({ server, token })(signInEndpoints.getSession);
    const file = saveLogin({ server, token });
    const who = terminalText(`${user.name} (${user.role})`);
    streams.stdout.write(`Logged in to ${server} as ${who}. The token is in ${file}.\n`);
    return 0;
  });
}
