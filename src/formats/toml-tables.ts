import { textLines } from './text-lines.ts';

const TABLES_MAX = 200_000;
const KEYS_MAX = 100;

/** A table's own keys: a string as its text, any other value as it is written. */
export type TomlTable = ReadonlyMap<string, string>;

/**
 * The tables of the arrays of tables with one of these names, `[[package]]` say, with their keys
 * that stand on one line (TOML 1.0, toml.io). Lock files are lists of such tables, written by
 * programs: this reads no other part of TOML, and is no check that a document is valid. Values that
 * run over lines, arrays and strings alike, are passed over.
 */
export function tomlTables(bytes: Uint8Array, names: readonly string[]): TomlTable[] {
  const headings = new Set(names.map((name) => `[[${name}]]`));
  const tables: Map<string, string>[] = [];
  let table: Map<string, string> | undefined;
  let open: OpenValue | undefined;
  for (const line of textLines(bytes)) {
    if (open !== undefined) {
      open = stillOpen(open, line);
      continue;
    }
    const text = line.trim();
    if (text.startsWith('[')) {
      if (tables.length === TABLES_MAX) break;
      const isWanted = headings.has(withoutComment(text));
      table = isWanted ? new Map() : undefined;
      if (table !== undefined) tables.push(table);
      continue;
    }
    const pair = /^([\w-]+)\s*=\s*(.*)$/.exec(text);
    if (pair === null) continue;
    const value = pair[2]!;
    open = opened(value);
    if (open !== undefined || table === undefined || table.size === KEYS_MAX) continue;
    if (!table.has(pair[1]!)) table.set(pair[1]!, plainValue(value));
  }
  return tables;
}

/** A value that goes on: a multi-line string by its quotes, an array by its open brackets. */
type OpenValue = { readonly quotes: string } | { readonly brackets: number };

function opened(value: string): OpenValue | undefined {
  for (const quotes of ['"""', "'''"]) {
    if (value.startsWith(quotes)) return value.indexOf(quotes, 3) === -1 ? { quotes } : undefined;
  }
  return value.startsWith('[') ? stillOpen({ brackets: 0 }, value) : undefined;
}

function stillOpen(open: OpenValue, line: string): OpenValue | undefined {
  if ('quotes' in open) return line.includes(open.quotes) ? undefined : open;
  const brackets = open.brackets + bracketBalance(line);
  return brackets > 0 ? { brackets } : undefined;
}

/** Opening less closing brackets of a line, outside its strings and its comment. */
function bracketBalance(line: string): number {
  let balance = 0;
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    if (quote !== '') {
      if (character === '\\' && quote === '"') index++;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '#') break;
    else if (character === '[') balance++;
    else if (character === ']') balance--;
  }
  return balance;
}

function withoutComment(text: string): string {
  const comment = text.indexOf('#');
  return (comment === -1 ? text : text.slice(0, comment)).trim();
}

/** A basic or literal string without its quotes; names and versions need no escapes. */
function plainValue(value: string): string {
  const quote = value.charAt(0);
  if (quote !== '"' && quote !== "'") return withoutComment(value);
  const end = value.indexOf(quote, 1);
  return end === -1 ? value : value.slice(1, end);
}
