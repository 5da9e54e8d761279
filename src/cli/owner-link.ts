import { makeOwnerLink } from '../app/owner-link.ts';
import { wrongUse } from '../platform/config.ts';
import { processLog } from '../platform/log.ts';
import type { ExitCode, Streams } from './command.ts';
import { parseFlags, runGuarded, storageChoice, storageFlags } from './storage-flags.ts';

export const OWNER_LINK_USAGE = `wharfinger owner-link [--data DIR] [--database-url URL]

Prints a new one-time link that sets up an owner, for one who is locked out. It works for a day,
whether the server runs or not, and is recorded in the evidence log.

Exit code: 0 done, 1 could not, 2 wrong use.`;

/** Runs `wharfinger owner-link`; answers its exit code and never throws. */
export function runOwnerLink(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('owner-link', streams, async () => {
    const { values, positionals } = parseFlags(parameters, storageFlags);
    if (positionals.length > 0) throw wrongUse('owner-link takes flags only.');
    const link = await makeOwnerLink(storageChoice(values, process.env), processLog('warn'));
    streams.stdout.write(`${link}\n`);
    return 0;
  });
}
