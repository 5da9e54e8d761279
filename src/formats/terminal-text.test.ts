import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terminalLine, terminalLines } from './terminal-text.ts';

describe('text for a terminal', () => {
  it.each([
    ['plain, with ümlauts and 字', 'plain, with ümlauts and 字'],
    ['\u001b[31mred\u001b]0;title\u0007', '␛[31mred␛]0;title␇'],
    ['a\r\nb\tc', 'a␍␊b␉c'],
    ['\u009b31m', '<U+009B>31m'],
    ['user\u202ecod.exe', 'user<U+202E>cod.exe'],
    ['\u2066a\u2069\ufeff\u200b', '<U+2066>a<U+2069><U+FEFF><U+200B>'],
    ['\u007f', '␡'],
    ['\ud800', '\ufffd'],
    ['\u{e0041}', '<U+E0041>'],
  ])('%j becomes %j', (text, shown) => {
    expect(terminalLine(text)).toBe(shown);
  });

  it('is cut where it is too long', () => {
    expect(terminalLine('abcdef', 3)).toBe('abc…');
  });

  it('keeps its lines where lines are wanted', () => {
    expect(terminalLines('a\u001b\nb')).toBe('a␛\nb');
  });

  it('never holds a control character, and what is safe stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = terminalLine(text);
        expect(shown).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
        expect(terminalLine(shown)).toBe(shown);
      }),
    );
  });
});
