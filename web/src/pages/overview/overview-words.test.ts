import { describe, expect, it } from 'vitest';
import { changeSentence, overviewTitle } from './overview-words.ts';

const source = { kind: 'docker', title: 'Docker hosts', fresh: 1, total: 1, detail: '' };
const need = { verb: 'Look at', title: '', detail: '', link: '/', tone: 'high' as const };

describe('the title of the overview', () => {
  it('counts what needs a person', () => {
    const freshness = [{ ...source, state: 'fresh' as const }];

    expect(overviewTitle({ needs: [need], freshness })).toBe('One thing needs you');
    expect(overviewTitle({ needs: [need, need], freshness })).toBe('Two things need you');
    expect(overviewTitle({ needs: [], freshness })).toBe('Nothing needs you');
  });

  it('never calls it well while a source is silent', () => {
    const freshness = [{ ...source, state: 'stopped' as const }];

    expect(overviewTitle({ needs: [], freshness })).toBe('Nothing known needs you');
    expect(overviewTitle({ needs: [], freshness: [] })).toBe('Nothing is connected yet');
  });
});

describe('a change', () => {
  it('has a sign, and says when there is none to tell', () => {
    expect(changeSentence(1_240)).toBe('+1,240 this week');
    expect(changeSentence(-4)).toBe('−4 this week');
    expect(changeSentence(0)).toBe('as a week ago');
    expect(changeSentence(undefined)).toBe('no trend yet');
  });
});
