import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWith } from '../../test/harness/parts.ts';
import { testData } from '../../test/harness/vectors.ts';
import { compareVersions } from './version-order.ts';

const TYPES = new Map([
  ['alpine', 'apk'],
  ['cran', 'cran'],
  ['debian', 'deb'],
  ['hackage', 'hackage'],
  ['maven', 'maven'],
  ['nuget', 'nuget'],
  ['packagist', 'composer'],
  ['pub', 'pub'],
  ['pypi', 'pypi'],
  ['redhat', 'rpm'],
  ['rubygems', 'gem'],
  ['semver', 'npm'],
]);

type Line = { one: string; sign: string; other: string };

function linesOf(file: string): Line[] {
  const lines = readFileSync(testData('vectors', 'versions', file), 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('//'))
    .map((line) => {
      const [one = '', sign = '', other = ''] = line.trim().split(' ');
      return { one, sign, other };
    });
}

function signOf(order: number | 'unknown'): string {
  if (order === 'unknown') return '?';
  return order < 0 ? '<' : order > 0 ? '>' : '=';
}

const MIRRORED = new Map([
  ['<', '>'],
  ['>', '<'],
  ['=', '='],
]);

describeWith(['test-data'], 'the orderings of OSV-Scalibr', () => {
  it.each([...TYPES])('are right in every line, both ways round: %s as %s', (name, type) => {
    const files = readdirSync(testData('vectors', 'versions')).filter((file) =>
      file.startsWith(`${name}-versions`),
    );
    const lines = files.flatMap(linesOf);
    const wrong = lines.filter(
      ({ one, sign, other }) =>
        signOf(compareVersions(type, one, other)) !== sign ||
        signOf(compareVersions(type, other, one)) !== MIRRORED.get(sign),
    );
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(5);
  });
});
