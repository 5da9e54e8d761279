import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json } from './canonical-json.ts';

describe('canonical JSON', () => {
  it('sorts members by UTF-16 code units and writes numbers as ECMAScript does (RFC 8785)', () => {
    const value = { '\u20ac': 'Euro', '\r': 'CR', '1': 'One', b: [56, 1e30, 4.5, 0.002, 1e-27] };
    expect(canonicalJson(value)).toBe(
      '{"\\r":"CR","1":"One","b":[56,1e+30,4.5,0.002,1e-27],"\u20ac":"Euro"}',
    );
  });

  it('means the same as JSON.stringify and is the same however members were ordered', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 5 }), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses what has no one spelling', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow();
    expect(() => canonicalJson('\ud800')).toThrow('half a character');
    let deep: Json = 1;
    for (let level = 0; level < 40; level += 1) deep = [deep];
    expect(() => canonicalJson(deep)).toThrow('levels deep');
  });
});
