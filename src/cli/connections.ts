import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client/client.ts';
import {
  type Connection,
  connectionsEndpoints,
  type SyncRun,
} from '../features/connections/connections-contract.ts';
import { notFound, unavailable } from '../model/errors.ts';
import { wrongUse } from '../platform/config.ts';
import type { ExitCode, Streams } from './command.ts';
import { REMOTE_FLAGS_USAGE, remoteClient, remoteFlags } from './remote.ts';
import { parseFlags, runGuarded } from './storage-flags.ts';
import { tableText } from './table.ts';
import { terminalJson, terminalText } from './terminal-text.ts';

export const CONNECT_USAGE = `wharfinger connect KIND NAME [--set FIELD=VALUE]… [--set-file FIELD=FILE]… [--test]

Connects an external system to a running server: docker, registry … Its first sync starts at once.

--set       a setting of the connector: --set address=unix:///var/run/docker.sock
--set-file  the same from a file, - for standard input: for certificates and passwords
--test      only say what answers there
${REMOTE_FLAGS_USAGE}

Exit code: 0 done, 1 could not, 2 wrong use.`;

export const CONNECTIONS_USAGE = `wharfinger connections

Lists what is connected to a running server, and how fresh each is.

${REMOTE_FLAGS_USAGE}

Exit code: 0 done, 1 could not, 2 wrong use.`;

export const SYNC_USAGE = `wharfinger sync NAME [--no-wait]

Has a connection read now, and waits for the outcome.

${REMOTE_FLAGS_USAGE}

Exit code: 0 read (what could not be read is said), 1 failed, 2 wrong use.`;

const POLL_MS = 500;
const WAIT_MS_MAX = 3_600_000;

function isJson(values: { format?: string | undefined }): boolean {
  const { format = 'table' } = values;
  if (format === 'json' || format === 'table') return format === 'json';
  throw wrongUse(`There is no format ${format}: table or json.`);
}

function pairs(values: readonly string[], read: (value: string) => string) {
  return values.map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1) throw wrongUse(`${text} is not of the form FIELD=VALUE.`);
    return [text.slice(0, equals), read(text.slice(equals + 1))] as const;
  });
}

/** Text from the command line in the form the connector's field has. */
async function settingsOf(
  client: Client,
  kind: string,
  given: readonly (readonly [string, string])[],
): Promise<Record<string, unknown>> {
  const { items } = await client(connectionsEndpoints.listConnectorKinds);
  const connector = items.find((one) => one.kind === kind);
  if (connector === undefined) {
    throw wrongUse(`There is no connector ${kind}: ${items.map((one) => one.kind).join(', ')}.`);
  }
  return Object.fromEntries(
    given.map(([name, text]) => {
      const field = connector.fields.find((one) => one.name === name);
      if (field === undefined) {
        const names = connector.fields.map((one) => one.name).join(', ');
        throw wrongUse(`${kind} has no setting ${name}: ${names}.`);
      }
      if (field.kind === 'boolean') return [name, text === 'true'];
      if (field.kind === 'number') return [name, Number(text)];
      if (field.kind === 'list') return [name, text.split(',').map((part) => part.trim())];
      return [name, text];
    }),
  );
}

export function runConnect(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('connect', streams, async () => {
    const flags = {
      ...remoteFlags,
      set: { type: 'string', multiple: true },
      'set-file': { type: 'string', multiple: true },
      test: { type: 'boolean' },
    } as const;
    const { values, positionals } = parseFlags(parameters, flags);
    const [kind, name, ...more] = positionals;
    const isTest = values.test === true;
    if (kind === undefined || (name === undefined && !isTest) || more.length > 0) {
      throw wrongUse('connect takes the kind of system and a name for it.');
    }
    const client = remoteClient(values);
    const given = [
      ...pairs(values.set ?? [], (value) => value),
      ...pairs(values['set-file'] ?? [], (file) => readFileSync(file === '-' ? 0 : file, 'utf8')),
    ];
    const settings = await settingsOf(client, kind, given);
    if (isTest) return test(client, { kind, settings }, streams);
    const body = { kind, name: name ?? kind, settings };
    const connection = await client(connectionsEndpoints.createConnection, { body });
    if (isJson(values)) streams.stdout.write(`${terminalJson(connection)}\n`);
    else streams.stdout.write(`${terminalText(connection.name)} is connected and being read.\n`);
    return 0;
  });
}

async function test(
  client: Client,
  body: { kind: string; settings: Record<string, unknown> },
  { stdout, stderr }: Streams,
): Promise<ExitCode> {
  const tested = await client(connectionsEndpoints.testConnection, { body });
  if (!tested.ok) {
    stderr.write(`${terminalText(tested.message ?? 'It does not answer.')}\n`);
    return 1;
  }
  stdout.write(`${terminalText(tested.found ?? 'It answers.')}\n`);
  for (const part of tested.plan ?? []) {
    const size = part.bytes === undefined ? '' : `, ${Math.ceil(part.bytes / 1e6)} MB`;
    stdout.write(`  ${terminalText(part.name)}: ${part.count}${size}\n`);
  }
  return 0;
}

async function listAll(client: Client): Promise<Connection[]> {
  const all: Connection[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const page = await client(connectionsEndpoints.listConnections, { query });
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}

export function runConnections(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('connections', streams, async () => {
    const { values, positionals } = parseFlags(parameters, remoteFlags);
    if (positionals.length > 0) throw wrongUse('connections takes no words, only flags.');
    const all = await listAll(remoteClient(values));
    if (isJson(values)) {
      streams.stdout.write(`${terminalJson(all)}\n`);
      return 0;
    }
    if (all.length === 0) {
      streams.stdout.write("Nothing is connected yet: 'wharfinger help connect' says how.\n");
      return 0;
    }
    const heads = ['NAME', 'KIND', 'STATE', 'RUNNING', 'IMAGES', 'LAST READ', 'ADDRESS'];
    const rows = all.map((one) => [
      one.name,
      one.kind,
      one.state,
      String(one.counts.containersRunning),
      String(one.counts.images),
      one.lastGoodSyncAt ?? 'never',
      one.address,
    ]);
    streams.stdout.write(tableText(heads, rows));
    for (const one of all) {
      if (one.stateReason === undefined) continue;
      streams.stderr.write(`${terminalText(`${one.name}: ${one.stateReason}`)}\n`);
    }
    return 0;
  });
}

export function runSync(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('sync', streams, async () => {
    const flags = { ...remoteFlags, 'no-wait': { type: 'boolean' } } as const;
    const { values, positionals } = parseFlags(parameters, flags);
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0)
      throw wrongUse('sync takes the name of a connection.');
    const client = remoteClient(values);
    const found = (await listAll(client)).find((one) => one.name === name || one.id === name);
    if (found === undefined) throw notFound(`There is no connection ${name}.`);
    const params = { id: found.id };
    const asked = await client(connectionsEndpoints.startSync, { params });
    if (values['no-wait'] === true) {
      streams.stdout.write(`${terminalText(found.name)} is being read.\n`);
      return 0;
    }
    const run = await waitFor(client, { id: found.id, number: asked.number }, streams);
    if (isJson(values)) streams.stdout.write(`${terminalJson(run)}\n`);
    else streams.stdout.write(`${terminalText(sentenceOf(found.name, run))}\n`);
    for (const problem of run.problems) {
      streams.stderr.write(`${terminalText(`${problem.subject}: ${problem.message}`)}\n`);
    }
    return run.state === 'failed' ? 1 : 0;
  });
}

async function waitFor(
  client: Client,
  wanted: { id: string; number: number },
  { stderr }: Streams,
): Promise<SyncRun> {
  let shown = '';
  for (let waited = 0; waited < WAIT_MS_MAX; waited += POLL_MS) {
    const params = { id: wanted.id };
    const { items } = await client(connectionsEndpoints.listSyncs, { params, query: { limit: 5 } });
    const run = items.find((one) => one.number >= wanted.number);
    if (run !== undefined && run.state !== 'running') {
      if (shown !== '') stderr.write('\n');
      return run;
    }
    const part = run?.parts.find((one) => one.state === 'running');
    const total = part?.total === undefined ? '' : ` of ${part.total}`;
    const line = part === undefined ? '' : `${terminalText(part.name)} ${part.done}${total}`;
    if (stderr.isTTY === true && line !== '' && line !== shown) stderr.write(`\r\x1b[K${line}`);
    shown = stderr.isTTY === true ? line : '';
    await sleep(POLL_MS);
  }
  throw unavailable('The sync did not end within an hour; it goes on at the server.');
}

function sentenceOf(name: string, run: SyncRun): string {
  const { appeared, changed, gone } = run.changes;
  if (run.state === 'failed') return `${name} could not be read; nothing was marked gone.`;
  const counts = `${appeared} appeared, ${changed} changed, ${gone} gone`;
  return run.state === 'good'
    ? `${name} was read: ${counts}.`
    : `${name} was read in part: ${counts}.`;
}
