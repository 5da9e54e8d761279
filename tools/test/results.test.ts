import { expect, it } from 'vitest';
import { optionalMark } from '../../test/harness/optional-mark.ts';
import { closingLine, judgeSkips, readResults } from './results.ts';

type Test = readonly [name: string, state: string, suite?: string];
const file = (state: string, ...tests: readonly Test[]) => ({
  file: 'a.test.ts',
  state,
  seconds: 2.5,
  tests: tests.map(([name, result, suite = '']) => ({ name, suite, state: result })),
});
const read = (exitCode: number, ...files: readonly ReturnType<typeof file>[]) =>
  readResults({ files, errors: 0 }, exitCode);

it('counts tests, and what was left out', () => {
  const results = read(1, file('failed', ['a', 'passed'], ['b', 'failed'], ['c', 'skipped']));
  expect(closingLine(results)).toBe('1 passed, 1 failed, 1 skipped');
});

it('says nothing of skips when there are none', () => {
  expect(closingLine(read(0, file('passed', ['a', 'passed'])))).toBe('1 passed, 0 failed');
});

it('names a suite that was left out once, and counts its tests', () => {
  const results = read(0, file('passed', ['a', 'skipped', 'rpm'], ['b', 'skipped', 'rpm']));
  expect(results.skipped).toEqual([{ file: 'a.test.ts', suite: 'rpm', tests: 2 }]);
  expect(closingLine(results)).toBe('0 passed, 0 failed, 2 skipped');
});

it('counts a file that could not be loaded as a failure', () => {
  expect(read(1, file('failed')).failed).toBe(1);
  expect(read(1, file('failed', ['a', 'skipped'])).failed).toBe(1);
});

it('counts a run that ended badly without a failed test as a failure', () => {
  expect(read(1, file('passed', ['a', 'passed'])).failed).toBe(1);
  expect(read(1).failed).toBe(1);
  expect(readResults({ files: [], errors: 2 }, 1).failed).toBe(2);
});

it('takes a skip for a failure in CI, except for an optional part', () => {
  const optional = `x (${optionalMark} go)`;
  const results = read(
    0,
    file('passed', ['a', 'passed'], ['b', 'skipped'], ['c', 'skipped', optional]),
  );
  expect(closingLine(judgeSkips(results, true))).toBe('1 passed, 1 failed, 1 skipped');
  expect(closingLine(judgeSkips(results, false))).toBe('1 passed, 0 failed, 2 skipped');
});

it('knows how long each file took', () => {
  expect(read(0, file('passed', ['a', 'passed'])).slowest[0]?.seconds).toBe(2.5);
});
