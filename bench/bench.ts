import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What is here besides benchmarks. */
const PARTS: ReadonlySet<string> = new Set(['bench.ts', 'measure.ts', 'catalogue-images.ts']);

/** Runs every benchmark of this folder, one after another; or those named. */
const named = process.argv.slice(2);
const benchmarks = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !PARTS.has(file))
  .filter((file) => named.length === 0 || named.includes(file.replace(/\.ts$/, '')));
let failed = 0;
for (const file of benchmarks) {
  process.stdout.write(`\n${file.replace(/\.ts$/, '')}\n`);
  const run = spawnSync(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' });
  if (run.status !== 0) failed++;
}
process.exitCode = failed > 0 ? 1 : 0;
