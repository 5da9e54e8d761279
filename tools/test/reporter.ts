import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import type { RunReport } from './results.ts';
import { repositoryRoot } from './run.ts';

// Vitest's own JSON leaves out the hooks, where suites on real parts spend most of their time.

/** Writes what a run did to the file that WHARFINGER_TEST_REPORT names. */
class RunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env['WHARFINGER_TEST_REPORT'];
    if (file === undefined) return;
    const report: RunReport = {
      errors: unhandledErrors.length,
      files: modules.map((module) => ({
        file: relative(repositoryRoot, module.moduleId),
        state: module.state(),
        seconds: secondsOf(module),
        tests: [...module.children.allTests()].map((test) => ({
          suite: test.parent.type === 'suite' ? test.parent.fullName : '',
          name: test.name,
          state: test.result().state,
        })),
      })),
    };
    writeFileSync(file, JSON.stringify(report));
  }
}

function secondsOf(module: TestModule): number {
  const { collectDuration, setupDuration, duration } = module.diagnostic();
  return (collectDuration + setupDuration + duration) / 1_000;
}

export default RunReporter;
