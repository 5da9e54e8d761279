import { invalid } from '../model/errors.ts';
import { compareToBound } from './version-order.ts';

const CLAUSES_MAX = 20;
const CLAUSE_LENGTH_MAX = 200;
const HOW_TO =
  'Write clauses that must all hold, such as “<1.2.3”, “>=1.0 <2”, “!=1.5” or “=1.2”; a version ' +
  'alone means exactly that one.';

type Operator = '<' | '<=' | '>' | '>=' | '=' | '!=';

/** Clauses that must all hold. */
export type VersionRange = readonly {
  readonly operator: Operator;
  readonly bound: string;
}[];

/**
 * Reads a range a person typed: `<1.2.3`, `>=1.0 <2`, `!=1.5`, `=1.2`, or a bare version for
 * exactly that one; clauses are joined by spaces or commas. Throws a Failure with examples for
 * anything else: a sign passed over in silence would show the wrong components.
 */
export function readVersionRange(text: string): VersionRange {
  const clauses = text
    .replaceAll(/([<>=!])\s+/g, '$1')
    .split(/[\s,]+/)
    .filter((clause) => clause !== '');
  if (clauses.length === 0) throw invalid(`The version range is empty. ${HOW_TO}`);
  if (clauses.length > CLAUSES_MAX) {
    throw invalid(`The version range has more than ${CLAUSES_MAX} clauses. ${HOW_TO}`);
  }
  return clauses.map(readClause);
}

function readClause(clause: string) {
  const [, operator = '=', bound] =
    /^(<=|>=|!=|==?|<|>)?([0-9A-Za-z][^<>=!|*"'()[\]{}]*)$/.exec(clause) ?? [];
  const isWildcard = /(?:^|\.)[xX](?:\.|$)/.test(bound ?? '');
  if (bound === undefined || isWildcard || clause.length > CLAUSE_LENGTH_MAX) {
    const shown = clause.length > CLAUSE_LENGTH_MAX ? `${clause.slice(0, 20)}…` : clause;
    throw invalid(`The version range has “${shown}”, which is not understood. ${HOW_TO}`);
  }
  return { operator: operator === '==' ? '=' : (operator as Operator), bound };
}

/**
 * Does a version lie in a range, by the order of its ecosystem? 'unknown' when that has no order
 * for one of the versions and no other clause already says no. Throws as readVersionRange does.
 */
export function satisfiesVersionRange(
  type: string,
  version: string,
  range: string | VersionRange,
): boolean | 'unknown' {
  const clauses = typeof range === 'string' ? readVersionRange(range) : range;
  let unknown = false;
  for (const { operator, bound } of clauses) {
    const order = bound === version ? 0 : compareToBound(type, version, bound);
    if (order === 'unknown') unknown = true;
    else if (!holds(operator, order)) return false;
  }
  return unknown ? 'unknown' : true;
}

function holds(operator: Operator, order: number): boolean {
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '!=':
      return order !== 0;
    case '=':
      return order === 0;
  }
}
