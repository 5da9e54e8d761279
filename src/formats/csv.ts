/**
 * CSV as RFC 4180 has it: CRLF after every record, quotes doubled, and a field quoted when it holds
 * a quote, a comma or a line break. A leading `=`, `+`, `-`, `@`, tab or carriage return makes a
 * spreadsheet compute the field; an apostrophe before it makes it text again, as OWASP's page on
 * CSV injection advises. Names in an estate are hostile, and people open exports in spreadsheets.
 */
export type CsvField = string | number | boolean | undefined;

export function csvRecord(fields: readonly CsvField[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

/** One record after another, without ever holding the whole: exports may have millions. */
export function* csvRecords(
  header: readonly string[],
  rows: Iterable<readonly CsvField[]>,
): Generator<string> {
  yield csvRecord(header);
  for (const row of rows) yield csvRecord(row);
}

function csvField(value: CsvField): string {
  if (value === undefined) return '';
  // A number is written by us, so its minus sign is one.
  if (typeof value !== 'string') return String(value);
  const text = neutral(value);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Spreadsheets skip blanks, and read full-width signs as the plain ones. */
function neutral(text: string): string {
  return /^[\s\u0000]*[=+\-@\uff0b\uff0d\uff1d\uff20|%]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}
