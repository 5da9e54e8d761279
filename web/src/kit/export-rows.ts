import type { Page } from '../../../src/model/page.ts';

export type ExportColumn<Row> = {
  readonly head: string;
  readonly text: (row: Row) => string | number | boolean | undefined;
};

/** More than this is for the API. */
export const EXPORT_ROWS_MAX = 20_000;

/** Reads page after page of the list as it is filtered now. */
export async function readAllPages<Row>(
  readPage: (cursor: string | undefined) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage(cursor);
    rows.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && rows.length < EXPORT_ROWS_MAX);
  return rows.slice(0, EXPORT_ROWS_MAX);
}

/** RFC 4180, with text that a spreadsheet would run as a formula kept as text. */
export function toCsv<Row>(rows: readonly Row[], columns: readonly ExportColumn<Row>[]): string {
  const cell = (value: string | number | boolean | undefined): string => {
    if (typeof value !== 'string') return String(value ?? '');
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [
    columns.map(({ head }) => cell(head)),
    ...rows.map((row) => columns.map(({ text }) => cell(text(row)))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
