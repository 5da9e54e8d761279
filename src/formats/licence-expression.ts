import { SPDX_EXCEPTION_IDS, SPDX_LICENCE_IDS } from './spdx-licence-ids.ts';

/** Longer texts are somebody's licence and not an expression over licences. */
const EXPRESSION_LENGTH_MAX = 4096;
const NESTING_MAX = 32;

const REFERENCE = /^(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$/;
const TOKEN = /[()]|[^\s()]+/g;

/** One licence of the SPDX list, written exactly as the list writes it. */
export function isSpdxLicenceId(text: string): boolean {
  return SPDX_LICENCE_IDS.has(text);
}

/**
 * Is this an SPDX licence expression (SPDX 2.3 annex D) over listed ids and `LicenseRef-`s? Only
 * what the annex's grammar has: `GPL-2.0-or-later WITH Classpath-exception-2.0 OR (MIT AND X11)`.
 */
export function isLicenceExpression(text: string): boolean {
  if (text.length > EXPRESSION_LENGTH_MAX) return false;
  const tokens = text.match(TOKEN) ?? [];
  const end = compound(tokens, 0, 0);
  return end !== undefined && end === tokens.length;
}

/** The `LicenseRef-` names an expression uses, which an SPDX document must explain. */
export function licenceReferences(expression: string): readonly string[] {
  return (expression.match(TOKEN) ?? []).filter((token) => REFERENCE.test(token));
}

/** Index after `simple {(AND|OR) simple}` from `start`; undefined when it is none. */
function compound(tokens: readonly string[], start: number, depth: number): number | undefined {
  let at = operand(tokens, start, depth);
  while (at !== undefined && (tokens[at] === 'AND' || tokens[at] === 'OR')) {
    at = operand(tokens, at + 1, depth);
  }
  return at;
}

function operand(tokens: readonly string[], start: number, depth: number): number | undefined {
  const token = tokens[start];
  if (token === undefined) return undefined;
  if (token === '(') {
    if (depth >= NESTING_MAX) return undefined;
    const end = compound(tokens, start + 1, depth + 1);
    return end !== undefined && tokens[end] === ')' ? end + 1 : undefined;
  }
  if (!isLicence(token)) return undefined;
  if (tokens[start + 1] !== 'WITH') return start + 1;
  return SPDX_EXCEPTION_IDS.has(tokens[start + 2] ?? '') ? start + 3 : undefined;
}

function isLicence(token: string): boolean {
  return (
    isSpdxLicenceId(token) ||
    (token.endsWith('+') && isSpdxLicenceId(token.slice(0, -1))) ||
    REFERENCE.test(token)
  );
}
