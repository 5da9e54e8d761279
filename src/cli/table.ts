import { terminalText } from './terminal-text.ts';

const CELL_COLUMNS_MAX = 60;

/** A plain table: heads, then rows, columns as wide as they need, two spaces between. */
export function tableText(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heads, ...rows].map((row) =>
    row.map((cell, at) => {
      const text = terminalText(cell);
      // The last column pushes nothing aside, and it is the one people copy from.
      if (at === row.length - 1) return text;
      return text.length > CELL_COLUMNS_MAX ? `${text.slice(0, CELL_COLUMNS_MAX - 1)}…` : text;
    }),
  );
  const widths = heads.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${cells.map(line).join('\n')}\n`;
}
