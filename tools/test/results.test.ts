import { expect, it } from 'vitest';
import { optionalMark } from '../../test/harness/optional-mark.ts';
import { closingLine, judgeSkips, readResults } from './results.ts';

const suite = (status: string, ...tests: readonly [string, string][]) => ({
  name: '/a.test.ts',
  status,
  startTime: 1_000,
  endTime: 3_500,
  assertionResults: tests.map(([fullName, state]) => ({ fullName, status: state })),
});
const read = (exitCode: number, ...testResults: readonly ReturnType<typeof suite>[]) =>
  readResults({ testResults }, exitCode);

it('counts tests, and names what was left out', () => {
  const results = read(1, suite('failed', ['a', 'passed'], ['b', 'failed'], ['c', 'pending']));
  expect(closingLine(results)).toBe('1 passed, 1 failed, 1 skipped');
});

it('says nothing of skips when there are none', () => {
  expect(closingLine(read(0, suite('passed', ['a', 'passed'])))).toBe('1 passed, 0 failed');
});

it('counts a file that could not be loaded as a failure', () => {
  expect(read(1, suite('failed')).failed).toBe(1);
  expect(read(1, suite('failed', ['a', 'skipped'])).failed).toBe(1);
});

it('counts a run that ended badly without a failed test as a failure', () => {
  expect(read(1, suite('passed', ['a', 'passed'])).failed).toBe(1);
  expect(read(1).failed).toBe(1);
});

it('takes a skip for a failure in CI, except for an optional part', () => {
  const results = read(
    0,
    suite('passed', ['a', 'passed'], ['b', 'pending'], [`x (${optionalMark} go) c`, 'skipped']),
  );
  expect(closingLine(judgeSkips(results, true))).toBe('1 passed, 1 failed, 1 skipped');
  expect(closingLine(judgeSkips(results, false))).toBe('1 passed, 0 failed, 2 skipped');
});

it('knows how long each file took', () => {
  expect(read(0, suite('passed', ['a', 'passed'])).slowest[0]?.seconds).toBe(2.5);
});
