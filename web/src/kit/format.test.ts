import { describe, expect, it } from 'vitest';
import {
  componentType,
  countWord,
  formatAgo,
  formatBytes,
  formatCount,
  listWords,
  plural,
  shortDigest,
} from './format.ts';

const now = Date.parse('2026-11-22T12:00:00Z');

describe('numbers', () => {
  it('carry separators and the right noun', () => {
    expect(formatCount(1284)).toBe('1,284');
    expect(plural(1, 'container')).toBe('1 container');
    expect(plural(0, 'container')).toBe('0 containers');
    expect(plural(2, 'registry', 'registries')).toBe('2 registries');
  });

  it('begin a sentence in words to twelve', () => {
    expect([0, 3, 12, 13].map(countWord)).toEqual(['No', 'Three', 'Twelve', '13']);
  });

  it('of bytes keep one digit below a hundred', () => {
    expect([0, 999, 1_000, 48_200_000, 123_456_789, 5e15].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1 kB',
      '48.2 MB',
      '123 MB',
      '5,000 TB',
    ]);
  });
});

describe('times', () => {
  it.each([
    ['2026-11-22T11:59:58Z', '2 s ago'],
    ['2026-11-22T12:00:03Z', '0 s ago'],
    ['2026-11-22T11:56:00Z', '4 min ago'],
    ['2026-11-21T12:00:00Z', '24 h ago'],
    ['2026-11-16T12:00:00Z', '6 days ago'],
    ['2026-11-12T12:00:00Z', '12 Nov'],
    ['2025-11-12T12:00:00Z', '12 Nov 2025'],
    ['2026-11-22T15:00:00Z', 'in 3 h'],
    ['never', 'never'],
  ])('%s is %s', (iso, expected) => {
    expect(formatAgo(iso, now)).toBe(expected);
  });
});

describe('words', () => {
  it('join lists as people do', () => {
    expect(listWords([])).toBe('');
    expect(listWords(['a'])).toBe('a');
    expect(listWords(['a', 'b', 'c'])).toBe('a, b and c');
  });

  it('shorten digests and leave short ones alone', () => {
    expect(shortDigest(`sha256:${'5f0c12ab'.repeat(8)}`)).toBe('sha256:5f0c12…12ab');
    expect(shortDigest('sha256:5f0c')).toBe('sha256:5f0c');
    expect(shortDigest('plain')).toBe('plain');
  });

  it('name kinds of packages, known or not', () => {
    expect(componentType('deb')).toBe('Debian packages');
    expect(componentType('swift')).toBe('swift packages');
  });
});
