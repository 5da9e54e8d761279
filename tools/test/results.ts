import { relative } from 'node:path';
import { optionalMark } from '../../test/harness/optional-mark.ts';
import { repositoryRoot } from './run.ts';

/** What vitest's JSON reporter writes, as far as it is read here. */
export type TestReport = {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
};

export type Results = {
  readonly passed: number;
  readonly failed: number;
  /** Full names; in a suite without its part, each test of it. */
  readonly skipped: readonly string[];
  readonly slowest: readonly { readonly file: string; readonly seconds: number }[];
};

const slowestShown = 10;

/** Counts what a run did. A file that could not even be loaded is one failure. */
export function readResults(report: TestReport, exitCode: number): Results {
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  for (const { status, assertionResults, name } of report.testResults) {
    const failedBefore = failed;
    for (const test of assertionResults) {
      if (test.status === 'passed') passed++;
      else if (test.status === 'failed') failed++;
      else skipped.push(`${relative(repositoryRoot, name)}: ${test.fullName}`);
    }
    if (status === 'failed' && failed === failedBefore) failed++;
  }
  // An error outside any test, or a run that was cut short, leaves no failed test behind.
  if (exitCode !== 0 && failed === 0) failed = 1;
  const slowest = report.testResults
    .map(({ name, startTime, endTime }) => ({
      file: relative(repositoryRoot, name),
      seconds: (endTime - startTime) / 1000,
    }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, slowestShown);
  return { passed, failed, skipped, slowest };
}

/** With CI=true a skip is a failure, but for suites without an optional part. */
export function judgeSkips(results: Results, isCi: boolean): Results {
  if (!isCi) return results;
  const allowed = results.skipped.filter((name) => name.includes(optionalMark));
  const failed = results.failed + results.skipped.length - allowed.length;
  return { ...results, failed, skipped: allowed };
}

/** The closing line; programs read it too. */
export function closingLine({ passed, failed, skipped }: Results): string {
  const left = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  return `${passed} passed, ${failed} failed${left}`;
}
