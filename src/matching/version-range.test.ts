import { describe, expect, it } from 'vitest';
import { Failure } from '../model/errors.ts';
import { readVersionRange, satisfiesVersionRange } from './version-range.ts';

describe('a version range a person typed', () => {
  it.each([
    ['npm', '1.10.0', '>=1.9.0 <2', true],
    ['npm', '2.0.0', '>=1.9.0, <2', false],
    ['npm', '1.9.0', '>= 1.9.0', true],
    ['npm', '1.0.0', '!=1.0.0', false],
    ['npm', '1.0.1', '!=1.0.0', true],
    ['npm', '1.2.0', '==1.2', true],
    ['npm', '1.2.3', '1.2.3', true],
    ['npm', '1.2.4', '1.2.3', false],
    ['npm', '1.2.3', '<1.2.3', false],
    ['npm', '1.2.3', '<=1.2.3', true],
    ['npm', '1.2.3', '>1.2.3', false],
    ['deb', '1.0~rc1-1', '<1.0', true],
    ['pypi', '1.0rc1', '>=1.0', false],
    ['rpm', '3.0.7-1.el9', '<=3.0.7', true],
    ['rpm', '3.0.7-1.el9', '>3.0.7', false],
    ['rpm', '3.0.7-1.el9', '<3.0.7-2.el9', true],
  ])('%s %s in “%s”: %s', (type, version, range, expected) => {
    expect(satisfiesVersionRange(type, version, range)).toBe(expected);
  });

  it('cannot tell where the ecosystem has no order, but knows the very same text', () => {
    expect(satisfiesVersionRange('swid', '7', '<8')).toBe('unknown');
    expect(satisfiesVersionRange('swid', '7', '7')).toBe(true);
    expect(satisfiesVersionRange('npm', 'main', '<8')).toBe('unknown');
  });

  it('says no when one clause does, whatever the others cannot tell', () => {
    expect(satisfiesVersionRange('npm', '2.0.0', '<1 >main')).toBe(false);
  });

  it.each([
    '^1.2',
    '~1.2',
    '~>1.2',
    '1.x',
    '1.*',
    '*',
    '1.0 - 2.0',
    '<1 || >2',
    '[1.0,2.0)',
    '=>1',
    '<',
    '',
    ' , ',
  ])('refuses “%s” with examples of what it understands', (range) => {
    expect(() => readVersionRange(range)).toThrow(Failure);
    expect(() => readVersionRange(range)).toThrow(/such as “<1\.2\.3”/);
  });

  it('refuses more clauses than anyone types, and clauses longer than any version', () => {
    expect(() => readVersionRange('<1 '.repeat(21))).toThrow(/more than 20 clauses/);
    expect(() => readVersionRange(`<1${'0'.repeat(300)}`)).toThrow(/“<1000000000000000000…”/);
  });
});
