import {
  type ComponentRow,
  componentsEndpoints,
} from '../features/components/components-contract.ts';
import { wrongUse } from '../platform/config.ts';
import type { ExitCode, Streams } from './command.ts';
import { REMOTE_FLAGS_USAGE, remoteClient, remoteFlags } from './remote.ts';
import { parseFlags, runGuarded } from './storage-flags.ts';
import { tableText } from './table.ts';
import { terminalJson } from './terminal-text.ts';

export const SEARCH_USAGE = `wharfinger search NAME|PURL [--version RANGE] [--type TYPE] [--running] [--limit N]

Finds a component across everything a running server knows.

--version   '<1.2.3', '>=1.0 <2' or an exact version, in the order of the ecosystem
--type      deb, npm, pypi, golang …
--running   only what some running container holds
--limit     at most this many (100)
${REMOTE_FLAGS_USAGE}

Exit code: 0 done (also when nothing is found), 1 could not, 2 wrong use.`;

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 10_000;

export function runSearch(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('search', streams, async () => {
    const flags = {
      ...remoteFlags,
      version: { type: 'string' },
      type: { type: 'string' },
      running: { type: 'boolean' },
      limit: { type: 'string' },
    } as const;
    const { values, positionals } = parseFlags(parameters, flags);
    const [q, ...more] = positionals;
    if (q === undefined || more.length > 0) throw wrongUse('search takes one name or package URL.');
    const limit = values.limit === undefined ? LIMIT_DEFAULT : Number(values.limit);
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
      throw wrongUse(`--limit takes a whole number from 1 to ${LIMIT_MAX}.`);
    }
    const client = remoteClient(values);
    const found: ComponentRow[] = [];
    let cursor: string | undefined;
    do {
      const query = {
        q,
        limit: Math.min(200, limit - found.length),
        ...(values.version === undefined ? {} : { version: values.version }),
        ...(values.type === undefined ? {} : { type: values.type }),
        ...(values.running === true ? { running: 'true' } : {}),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await client(componentsEndpoints.searchComponents, { query });
      found.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined && found.length < limit);
    streams.stdout.write(values.format === 'json' ? `${terminalJson(found)}\n` : asTable(q, found));
    if (cursor !== undefined) streams.stderr.write('There is more: raise --limit.\n');
    return 0;
  });
}

function asTable(q: string, found: readonly ComponentRow[]): string {
  if (found.length === 0) return `Nothing named ${q} is in any image that was catalogued.\n`;
  const heads = ['TYPE', 'NAME', 'VERSION', 'IMAGES', 'RUNNING', 'PACKAGE URL'];
  const rows = found.map((one) => [
    one.type,
    one.name,
    one.version,
    String(one.images),
    String(one.runningContainers),
    one.purl,
  ]);
  return tableText(heads, rows);
}
