import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRecord, csvRecords } from './csv.ts';

/** One record by RFC 4180's grammar, character by character. */
function readRecord(record: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at < record.length) {
    let field = '';
    if (record[at] === '"') {
      for (at += 1; record[at] !== '"' || record[at + 1] === '"'; at += 1) {
        if (record[at] === '"') at += 1;
        field += record[at];
      }
      at += 1;
    } else {
      for (; record[at] !== ',' && record[at] !== '\r'; at += 1) field += record[at];
    }
    fields.push(field);
    at += record[at] === ',' ? 1 : 2;
    if (record[at - 1] === ',' && record[at] === '\r') {
      fields.push('');
      at += 2;
    }
  }
  return fields;
}

describe('a CSV record', () => {
  it.each<[Parameters<typeof csvRecord>[0], string]>([
    [['a', 1, true, undefined], 'a,1,true,\r\n'],
    [['a,b', 'say "hi"', 'two\nlines'], '"a,b","say ""hi""","two\nlines"\r\n'],
    [[' padded '], '" padded "\r\n'],
    [[-5], '-5\r\n'],
    [[''], '\r\n'],
  ])('of %j is %j', (fields, record) => {
    expect(csvRecord(fields)).toBe(record);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '  =1', '\r=1', '＝1', '|calc', '%0a'])(
    'makes no formula of %j',
    (text) => {
      expect(csvRecord([text])).toMatch(/^"?'/);
    },
  );

  it('gives its fields back to a reader of RFC 4180, but for the apostrophe', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2 }), (fields) => {
        const back = readRecord(csvRecord(fields));
        expect(
          back.map((field, index) => (field === fields[index] ? field : field.slice(1))),
        ).toEqual(fields);
      }),
    );
  });

  it('follows the header, one at a time', () => {
    expect([...csvRecords(['a'], [['1'], ['2']])]).toEqual(['a\r\n', '1\r\n', '2\r\n']);
  });
});
