import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, run, seconds } from './run.ts';

type Check = { readonly name: string; readonly command: readonly string[]; readonly when?: string };
type Count = { readonly passed: number; readonly failed: number };

const tool = (path: string, ...args: readonly string[]): readonly string[] => [
  process.execPath,
  join('node_modules', path),
  ...args,
];

const checks: readonly Check[] = [
  { name: 'format', command: tool('.bin/biome', 'check', '.') },
  { name: 'types', command: tool('.bin/tsc', '-p', '.') },
  {
    name: 'types of the console',
    command: tool('.bin/tsc', '-p', 'web', '--noEmit'),
    when: 'web/tsconfig.json',
  },
  { name: 'lint', command: tool('oxlint/bin/oxlint', '.') },
  { name: 'nothing unused', command: tool('.bin/knip', '--no-progress', '--no-config-hints') },
];

/** Runs every check, prints each with its time, and what it has to say when it fails. */
export async function runChecks(): Promise<Count> {
  let failed = 0;
  let passed = 0;
  for (const { name, command, when } of checks) {
    if (when !== undefined && !existsSync(join(repositoryRoot, when))) continue;
    const start = performance.now();
    const { code, output } = await run(command);
    console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds(start)})`);
    if (code === 0) passed++;
    else failed++;
    if (code !== 0) console.log(output.trimEnd());
  }
  return { passed, failed };
}

if (import.meta.main) {
  const { passed, failed } = await runChecks();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
