import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json } from './canonical-json.ts';

// The oracle: RFC 8785 section 3.2 composed piece by piece, apart from the code it checks.
const oracle = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(oracle).join(',')}]`;
  const names = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  const member = (name: string) =>
    `${JSON.stringify(name)}:${oracle((value as Record<string, unknown>)[name])}`;
  return `{${names.map(member).join(',')}}`;
};

describe('canonical JSON', () => {
  it('sorts members by UTF-16 code units and writes numbers as ECMAScript does (RFC 8785)', () => {
    const value = { '\u20ac': 'Euro', '\r': 'CR', '1': 'One', b: [56, 1e30, 4.5, 0.002, 1e-27] };
    expect(canonicalJson(value)).toBe(
      '{"\\r":"CR","1":"One","b":[56,1e+30,4.5,0.002,1e-27],"\u20ac":"Euro"}',
    );
  });

  it('is what the RFC composes, for any value and any order of members', () => {
    const anyName = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('10', '9', '-1', '1a'));
    const names = anyName.filter((name) => !['__proto__', 'toJSON'].includes(name));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(names, tie('value'), { maxKeys: 6, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (value) => {
        expect(canonicalJson(value as Json)).toBe(oracle(value));
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
