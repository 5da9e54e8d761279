import type { ExitCode, LoadedCommand, Streams } from './command.ts';

type Command = {
  readonly summary: string;
  /** Loaded when called: a command pays for no other's modules at start. */
  load(): Promise<LoadedCommand>;
};

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    summary: 'start the server and its database',
    load: async () => {
      const { runServe, SERVE_USAGE } = await import('./serve.ts');
      return { usage: SERVE_USAGE, run: runServe };
    },
  },
  'owner-link': {
    summary: 'a new set-up link for an owner who is locked out',
    load: async () => {
      const { OWNER_LINK_USAGE, runOwnerLink } = await import('./owner-link.ts');
      return { usage: OWNER_LINK_USAGE, run: runOwnerLink };
    },
  },
  backup: {
    summary: 'write everything into one file, while the server runs',
    load: async () => {
      const { BACKUP_USAGE, runBackup } = await import('./backup.ts');
      return { usage: BACKUP_USAGE, run: runBackup };
    },
  },
  restore: {
    summary: 'load a backup into an empty folder or database',
    load: async () => {
      const { RESTORE_USAGE, runRestore } = await import('./restore.ts');
      return { usage: RESTORE_USAGE, run: runRestore };
    },
  },
  scan: {
    summary: 'say what is in an image, a folder or an SBOM; needs no server',
    load: async () => {
      const { runScan, SCAN_USAGE } = await import('./scan.ts');
      return { usage: SCAN_USAGE, run: runScan };
    },
  },
  verify: {
    summary: 'check a proof or an export of the evidence log, offline',
    load: async () => {
      const { runVerify, VERIFY_USAGE } = await import('./verify.ts');
      return { usage: VERIFY_USAGE, run: runVerify };
    },
  },
  login: {
    summary: 'remember a server and an API token',
    load: async () => {
      const { runLogin, LOGIN_USAGE } = await import('./login.ts');
      return { usage: LOGIN_USAGE, run: runLogin };
    },
  },
  connect: {
    summary: 'connect an external system to a running server',
    load: async () => {
      const { runConnect, CONNECT_USAGE } = await import('./connections.ts');
      return { usage: CONNECT_USAGE, run: runConnect };
    },
  },
  connections: {
    summary: 'list what is connected, and how fresh it is',
    load: async () => {
      const { runConnections, CONNECTIONS_USAGE } = await import('./connections.ts');
      return { usage: CONNECTIONS_USAGE, run: runConnections };
    },
  },
  sync: {
    summary: 'have a connection read now',
    load: async () => {
      const { runSync, SYNC_USAGE } = await import('./connections.ts');
      return { usage: SYNC_USAGE, run: runSync };
    },
  },
  search: {
    summary: 'find a component across the whole estate',
    load: async () => {
      const { runSearch, SEARCH_USAGE } = await import('./search.ts');
      return { usage: SEARCH_USAGE, run: runSearch };
    },
  },
};

function overview(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`,
  );
  lines.push('  help         how to use a command', '  version      which version this is');
  return `wharfinger COMMAND …\n\n${lines.join('\n')}\n\nwharfinger help COMMAND says more.\n`;
}

async function help(name: string | undefined, { stdout, stderr }: Streams): Promise<ExitCode> {
  if (name === undefined) {
    stdout.write(overview());
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    stderr.write(`There is no command ${name}.\n\n${overview()}`);
    return 2;
  }
  stdout.write(`${(await command.load()).usage}\n`);
  return 0;
}

/** Runs one command line; answers its exit code: 0 done, 1 could not, 2 wrong use. */
export async function runCommand(
  parameters: readonly string[],
  streams: Streams,
): Promise<ExitCode> {
  const [name, ...rest] = parameters;
  if (name === 'version' || name === '--version') {
    const { wharfingerVersion } = await import('../app/version.ts');
    streams.stdout.write(`wharfinger ${wharfingerVersion()}\n`);
    return 0;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    return help(rest[0], streams);
  }
  if (!Object.hasOwn(COMMANDS, name) || rest.includes('--help')) return help(name, streams);
  const command = COMMANDS[name];
  return command === undefined ? 2 : (await command.load()).run(rest, streams);
}
