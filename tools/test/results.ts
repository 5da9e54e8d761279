import { optionalMark } from '../../test/harness/optional-mark.ts';

/** What reporter.ts writes of a run. */
export type RunReport = {
  /** Errors outside any test: a rejection nobody awaited, a server that died. */
  readonly errors: number;
  readonly files: readonly {
    readonly file: string;
    readonly state: string;
    readonly seconds: number;
    readonly tests: readonly {
      readonly suite: string;
      readonly name: string;
      readonly state: string;
    }[];
  }[];
};

type Skip = { readonly file: string; readonly suite: string; readonly tests: number };
export type Results = {
  readonly passed: number;
  readonly failed: number;
  /** By suite: a suite without its part is one line, however many tests it has. */
  readonly skipped: readonly Skip[];
  readonly slowest: readonly { readonly file: string; readonly seconds: number }[];
};

const slowestShown = 10;

/** Counts what a run did. A file that could not even be loaded is one failure. */
export function readResults(report: RunReport, exitCode: number): Results {
  let passed = 0;
  let failed = report.errors;
  const skipped = new Map<string, Skip>();
  for (const { file, state, tests } of report.files) {
    const failedBefore = failed;
    for (const test of tests) {
      if (test.state === 'passed') passed++;
      else if (test.state === 'failed') failed++;
      else addSkip(skipped, { file, suite: test.suite || test.name, tests: 1 });
    }
    if (state === 'failed' && failed === failedBefore) failed++;
  }
  // A run that was cut short leaves no failed test behind.
  if (exitCode !== 0 && failed === 0) failed = 1;
  const slowest = report.files.toSorted((a, b) => b.seconds - a.seconds).slice(0, slowestShown);
  return { passed, failed, skipped: [...skipped.values()], slowest };
}

function addSkip(skips: Map<string, Skip>, skip: Skip): void {
  const key = `${skip.file}\n${skip.suite}`;
  skips.set(key, { ...skip, tests: skip.tests + (skips.get(key)?.tests ?? 0) });
}

export const isOptionalSkip = ({ suite }: Skip): boolean => suite.includes(optionalMark);

/** With CI=true a skip is a failure, but for suites without an optional part. */
export function judgeSkips(results: Results, isCi: boolean): Results {
  if (!isCi) return results;
  const [allowed, refused] = [
    results.skipped.filter(isOptionalSkip),
    results.skipped.filter((skip) => !isOptionalSkip(skip)),
  ];
  return { ...results, failed: results.failed + countTests(refused), skipped: allowed };
}

const countTests = (skips: readonly Skip[]): number =>
  skips.reduce((sum, { tests }) => sum + tests, 0);

/** The closing line; programs read it too. */
export function closingLine({ passed, failed, skipped }: Results): string {
  const left = skipped.length > 0 ? `, ${countTests(skipped)} skipped` : '';
  return `${passed} passed, ${failed} failed${left}`;
}
