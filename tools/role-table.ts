import { allEndpoints } from '../src/app/endpoints.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import { type Action, type Role, roles, roleTable } from '../src/model/roles.ts';

const introduction = `# Who may do what in Wharfinger

Written by \`bin/node tools/write-openapi.ts\` from src/model/roles.ts and the contracts.
A test drives every operation below as each role and as nobody, and compares.
`;

function row(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd();
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  return `${rows.map((cells) => row(cells, widths)).join('\n')}\n`;
}

export function mayCall(endpoint: Endpoint, role: Role | 'nobody'): boolean {
  if (endpoint.action === 'public') return true;
  if (role === 'nobody') return false;
  if (endpoint.action === 'signed-in') return true;
  return (roleTable[endpoint.action] as readonly Role[]).includes(role);
}

const mark = (may: boolean): string => (may ? '✔' : '✘');

/** The committed golden file: what each role may do, and which operation asks for what. */
export function describeRoleTable(): string {
  const actions = (Object.keys(roleTable) as Action[]).sort().map((action) => {
    const allowed: readonly Role[] = roleTable[action];
    return [action, ...roles.map((role) => mark(allowed.includes(role))), mark(false)];
  });
  const endpoints: readonly Endpoint[] = Object.values(allEndpoints);
  const operations = [...endpoints]
    .sort((one, other) => compare(`${one.path} ${one.method}`, `${other.path} ${other.method}`))
    .map((endpoint) => [
      endpoint.method,
      endpoint.path,
      endpoint.action,
      ...[...roles, 'nobody' as const].map((role) => mark(mayCall(endpoint, role))),
    ]);
  return [
    introduction,
    '```text',
    table([['action', ...roles, 'nobody'], ...actions]),
    `${table([['', 'operation', 'action', ...roles, 'nobody'], ...operations])}\`\`\``,
    '',
  ].join('\n');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
