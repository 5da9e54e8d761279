import { describe, expect, it } from 'vitest';
import { ProblemList } from './problem-list.ts';

describe('ProblemList', () => {
  it('adds nothing to findings without problems', () => {
    expect(new ProblemList().findings()).toEqual({});
  });

  it('tells the first twenty and counts the rest', () => {
    const problems = new ProblemList();
    for (let number = 1; number <= 25; number += 1) problems.add(`Stanza ${number} is odd.`);

    const told = problems.findings().problems ?? [];

    expect(told).toHaveLength(21);
    expect(told[19]).toBe('Stanza 20 is odd.');
    expect(told[20]).toBe('Further problems of this file: 5.');
  });
});
