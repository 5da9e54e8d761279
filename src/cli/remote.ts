import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type Client, createClient } from '../client/client.ts';
import { invalid, unauthenticated } from '../model/errors.ts';

/** Which server a remote command speaks to, and as whom. */
export type RemoteTarget = { readonly server: string; readonly token: string };

export const remoteFlags = {
  server: { type: 'string' },
  token: { type: 'string' },
  format: { type: 'string' },
} as const;

export const REMOTE_FLAGS_USAGE = `--server    the server's address; else $WHARFINGER_SERVER, else where you logged in
--token     an API token; else $WHARFINGER_TOKEN, else the one you logged in with
--format    table for people (the default), json for programs`;

const Login = z.object({ server: z.url(), token: z.string().min(1) });

function loginFile(): string {
  const folder = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return join(folder, 'wharfinger', 'login.json');
}

/** Only its user may read it: a token is as good as a password. */
export function saveLogin(login: RemoteTarget): string {
  const file = loginFile();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
  return file;
}

function readLogin(): RemoteTarget | undefined {
  const file = loginFile();
  if (!existsSync(file)) return undefined;
  const parsed = Login.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw invalid(`${file} is not what 'wharfinger login' wrote: log in again.`);
  return parsed.data;
}

/** An address without a path or a slash at the end; plain HTTP only to this machine. */
export function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid(`${text} is no address of a server: write it as https://HOST:PORT.`);
  }
  const isLocal = /^(localhost|127\.|\[::1\])/.test(url.hostname);
  if (url.protocol === 'http:' && !isLocal) {
    throw invalid('A token is sent only over https://, except to this machine itself.');
  }
  return url.origin;
}

export function remoteTarget(values: {
  server?: string | undefined;
  token?: string | undefined;
}): RemoteTarget {
  const stored = readLogin();
  const server = values.server ?? process.env['WHARFINGER_SERVER'] ?? stored?.server;
  const given = values.token ?? process.env['WHARFINGER_TOKEN'];
  if (server === undefined) {
    throw unauthenticated("Which server? Run 'wharfinger login', or give --server and --token.");
  }
  const address = serverAddress(server);
  // The stored token belongs to the stored server: it is never sent to another one.
  const token = given ?? (stored?.server === address ? stored.token : undefined);
  if (token === undefined) {
    throw unauthenticated(
      `There is no token for ${address}: run 'wharfinger login' or give --token.`,
    );
  }
  return { server: address, token };
}

export function remoteClient(values: {
  server?: string | undefined;
  token?: string | undefined;
}): Client {
  return createClient(remoteTarget(values));
}
