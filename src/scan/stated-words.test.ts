import { describe, expect, it } from 'vitest';
import { statedLicences, statedWord } from './stated-words.ts';

describe('a stated name or version', () => {
  it('is trimmed', () => {
    expect(statedWord(' 1.0.0\n')).toBe('1.0.0');
  });

  it.each([[''], [' '], ['a b'], ['a\u0000'], ['a\u202eb'], ['a\u200b'], ['x'.repeat(257)], [7]])(
    'is never %j',
    (value) => {
      expect(statedWord(value)).toBeUndefined();
    },
  );
});

describe('stated licences', () => {
  it('are single lines, each once, at most 20', () => {
    expect(statedLicences(['MIT', ' MIT ', '', 3, 'a\nb', 'GPL v2 or later'])).toEqual([
      'MIT',
      'GPL v2 or later',
    ]);
    expect(statedLicences(Array.from({ length: 50 }, (_, index) => `L${index}`))).toHaveLength(20);
  });

  it('may be long expressions, but no text of a licence', () => {
    const expression = Array.from({ length: 100 }, () => 'LGPL-2.1-or-later').join(' AND ');
    expect(statedLicences([expression])).toEqual([expression]);
    expect(statedLicences(['x'.repeat(5000)])).toEqual([]);
  });
});
