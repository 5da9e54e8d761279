import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerHost, findPart } from '../../test/harness/find-part.ts';
import { runChecks } from './check.ts';
import { startTestEngine, type TestEngine } from './engine.ts';
import { installParts } from './install.ts';
import {
  closingLine,
  isOptionalSkip,
  judgeSkips,
  type Results,
  type RunReport,
  readResults,
} from './results.ts';
import { interruptRunning, run, seconds } from './run.ts';

// npm test: installs what is missing, starts an engine, runs every check and every test, and
// closes with one line that counts them. Arguments go to vitest: npm test -- src/formats

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true;
    interruptRunning();
  });
}

/** An engine of our own where none answers; undefined where one does, or none can be had. */
async function provideEngine(): Promise<TestEngine | undefined> {
  if (dockerHost() !== undefined) return undefined;
  if (findPart('dockerd') === undefined || process.getuid?.() !== 0) return undefined;
  const start = performance.now();
  const engine = await startTestEngine();
  if ('problem' in engine) {
    console.log(`No Docker Engine could be started here:\n${engine.problem}`);
    return undefined;
  }
  console.log(`Started a Docker Engine (${seconds(start)})`);
  return engine;
}

async function runTests(engine: TestEngine | undefined): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-results-'));
  const file = join(folder, 'results.json');
  const vitest = ['node_modules/.bin/vitest', 'run', ...process.argv.slice(2)];
  const reporters = ['--reporter=default', '--reporter=./tools/test/reporter.ts'];
  const environment = {
    ...process.env,
    WHARFINGER_TEST_REPORT: file,
    ...(engine === undefined ? {} : { DOCKER_HOST: engine.host }),
  };
  try {
    const command = [process.execPath, ...vitest, ...reporters];
    const { code } = await run(command, { show: true, environment });
    return readResults(readReport(file), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): RunReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunReport;
  } catch {
    // vitest ended before it could write one; its exit code counts as the failure.
    return { files: [], errors: 0 };
  }
}

function printSummary(results: Results, isCi: boolean): void {
  if (results.skipped.length > 0) {
    console.log('\nSkipped, with how to get what is missing (test data: see CONTRIBUTING.md):');
    for (const skip of results.skipped) {
      const verdict = isCi && !isOptionalSkip(skip) ? ' a failure in CI:' : '';
      console.log(`  ${skip.file}:${verdict} ${skip.suite} (${skip.tests})`);
    }
  }
  console.log('\nSlowest test files:');
  for (const { file, seconds: took } of results.slowest) {
    console.log(`  ${took.toFixed(1).padStart(6)} s  ${file}`);
  }
}

async function main(): Promise<number> {
  const isCi = process.env['CI'] === 'true';
  await installParts();
  const engine = await provideEngine();
  try {
    const checks = await runChecks();
    const tests = await runTests(engine);
    printSummary(tests, isCi);
    const both = { ...tests, passed: tests.passed + checks.passed };
    const all = judgeSkips({ ...both, failed: tests.failed + checks.failed }, isCi);
    console.log(`\n${closingLine(all)}`);
    return all.failed === 0 && !interrupted ? 0 : 1;
  } finally {
    await engine?.stop();
  }
}

process.exitCode = await main();
