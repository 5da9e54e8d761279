import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  jsonElements,
  jsonMember,
  jsonMembers,
  jsonText,
  parseBoundedJson,
} from './bounded-json.ts';
import { findJsonError } from './json-error.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): unknown => parseBoundedJson(bytesOf(text));

function refuses(text: string, message: string): void {
  expect(() => parse(text)).toThrow(message);
}

describe('parseBoundedJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('skips a byte order mark', () => {
    expect(parse('\ufeff{"name":"a"}')).toEqual({ name: 'a' });
  });

  it('keeps the last of duplicate members', () => {
    expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  it('names the line and column of a missing value', () => {
    refuses('{\n  "a": 1,\n  "b": }', 'line 3, column 8: expected a value.');
  });

  it('names the end of a text cut short', () => {
    refuses('{"a": [1, 2', 'line 1, column 12: expected "," or the closing bracket.');
  });

  it('names a string that never closes', () => {
    refuses('["abc', 'line 1, column 6: expected the closing quote of a string.');
  });

  it('names an unknown escape and a raw control character', () => {
    refuses('["a\\x"]', 'line 1, column 4: expected an escape');
    refuses('["a\u0001"]', 'line 1, column 4: expected no control character');
  });

  it('refuses a comma before the closing bracket, comments and single quotes', () => {
    refuses('[1,]', 'column 4: expected a value.');
    refuses('{"a":1,}', 'column 8: expected a member name in quotes.');
    refuses('// a\n{}', 'line 1, column 1: expected a value.');
    refuses("{'a':1}", 'column 2: expected a member name in quotes or "}".');
  });

  it('refuses an empty document and text after the value', () => {
    refuses('', 'line 1, column 1: expected a value.');
    refuses('{} {}', 'column 4: expected the end of the document.');
  });

  it('never quotes the document in its message', () => {
    refuses('secret', 'The JSON is not valid at line 1, column 1: expected a value.');
  });

  it('refuses nesting over its limit, with the place, and takes nesting at its limit', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(() => parse(nested(100))).not.toThrow();
    refuses(nested(101), 'more than 100 levels deep at line 1, column 101.');
    refuses('[\n'.repeat(1_000_000), 'more than 100 levels deep at line 101, column 1.');
  });

  it('does not count brackets inside strings', () => {
    expect(parse(`["${'['.repeat(500)}", "\\"[[["]`)).toHaveLength(2);
  });

  it('refuses more values than its limit, and takes as many', () => {
    const limits = { valuesMax: 3 };
    expect(parseBoundedJson(bytesOf('[1,2]'), limits)).toEqual([1, 2]);
    expect(() => parseBoundedJson(bytesOf('[1,2,3]'), limits)).toThrow('more than 3 values');
  });

  it('refuses more bytes than its limit', () => {
    expect(() => parseBoundedJson(bytesOf('[1,2]'), { bytesMax: 4 })).toThrow('has 5 bytes');
  });

  it('throws a sentence and nothing else for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseBoundedJson(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: 'Failure', kind: 'invalid' });
          expect((error as Error).message).toMatch(/^The JSON .*line 1?\d+, column \d+.*\.$/);
        }
      }),
    );
  });
});

describe('findJsonError', () => {
  it('finds an error exactly where JSON.parse refuses', () => {
    const fragment = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', 'a', '\\', 'u', '0', '1', '-', '.', 'e', 'true'],
      ...['null', ' ', '\n', '\t', '"k":', '"v"', '[]', '{}', '\u0001', '\\u00e9', '+', '\ufeff'],
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const text = fragments.join('');
        expect(findJsonError(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('the members of a JSON value', () => {
  it('are its own, never those every object inherits', () => {
    expect(jsonMember(parse('{}'), 'constructor')).toBeUndefined();
    expect(jsonMember(parse('{"__proto__": "x"}'), '__proto__')).toBe('x');
  });

  it('are absent where the value has another shape', () => {
    expect(jsonText(parse('{"a": 1}'), 'a')).toBeUndefined();
    expect(jsonMember(parse('[1]'), '0')).toBeUndefined();
    expect(jsonMembers(parse('[1]'))).toEqual([]);
    expect(jsonElements(parse('{"length": 1}'))).toEqual([]);
    expect(jsonMember(null, 'a')).toBeUndefined();
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
