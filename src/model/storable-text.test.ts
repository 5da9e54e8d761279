import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canBeStored, toStorable } from './storable-text.ts';

const texts = fc.string({ unit: 'binary' });
const values = fc.jsonValue({ stringUnit: 'binary' });

describe('text that can be stored', () => {
  it('is any without NUL and lone surrogates', () => {
    expect(canBeStored({ label: 'quay 😀', path: 'C:\\u0000' })).toBe(true);
    expect(canBeStored({ label: ['a\u0000b'] })).toBe(false);
    expect(canBeStored({ 'a\ud800': 1 })).toBe(false);
    expect(canBeStored('\udc00')).toBe(false);
    expect(canBeStored(undefined)).toBe(true);
  });

  it('keeps the rest of what it marks', () => {
    expect(toStorable({ 'a\u0000': ['b\ud800', 1, null, 'c'] })).toEqual({
      'a\ufffd': ['b\ufffd', 1, null, 'c'],
    });
  });

  it('comes out of anything, and leaves what is good as it is', () => {
    fc.assert(fc.property(values, (value) => canBeStored(toStorable(value))));
    fc.assert(fc.property(texts, (text) => !canBeStored(text) || toStorable(text) === text));
  });
});
