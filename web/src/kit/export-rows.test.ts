import { describe, expect, it } from 'vitest';
import { EXPORT_ROWS_MAX, readAllPages, toCsv } from './export-rows.ts';

type Row = { readonly name: string; readonly size: number | undefined };
const columns = [
  { head: 'Name', text: (row: Row) => row.name },
  { head: 'Size', text: (row: Row) => row.size },
];

describe('CSV', () => {
  it('quotes commas, quotes and line ends, and leaves an unknown cell empty', () => {
    const rows = [
      { name: 'a,"b"\n', size: 1 },
      { name: 'plain', size: undefined },
    ];

    expect(toCsv(rows, columns)).toBe('Name,Size\r\n"a,""b""\n",1\r\nplain,\r\n');
  });

  it('never lets a foreign name become a formula', () => {
    const rows = ['=HYPERLINK("http://x")', '+1', '-1', '@a'].map((name) => ({ name, size: -1 }));

    expect(toCsv(rows, columns).split('\r\n').slice(1, 3)).toEqual([
      `"'=HYPERLINK(""http://x"")",-1`,
      "'+1,-1",
    ]);
  });
});

describe('an export', () => {
  it('reads every page in order', async () => {
    const pages = new Map([
      [undefined, { items: [1, 2], next: 'b' }],
      ['b', { items: [3] }],
    ]);

    expect(await readAllPages(async (cursor) => pages.get(cursor) ?? { items: [] })).toEqual([
      1, 2, 3,
    ]);
  });

  it('ends at its bound though the list goes on', async () => {
    const page = { items: Array.from({ length: 7_000 }, () => 0), next: 'more' };

    expect(await readAllPages(async () => page)).toHaveLength(EXPORT_ROWS_MAX);
  });
});
