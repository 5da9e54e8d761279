import { compareToBound } from './version-order.ts';

const CLAUSES_MAX = 20;

/**
 * Does a version lie in a range a person typed? `<1.2.3`, `>=1.0 <2`, `=1.2`, or a bare version for
 * exactly that one; clauses are joined by spaces or commas and must all hold. The order is the
 * ecosystem's own. 'unknown' when it has no order for one of the versions.
 */
export function satisfiesVersionRange(
  type: string,
  version: string,
  range: string,
): boolean | 'unknown' {
  const clauses = range.split(/[\s,]+/).filter((clause) => clause !== '');
  let unknown = false;
  for (const clause of clauses.slice(0, CLAUSES_MAX)) {
    const [, operator = '', bound = ''] = /^(<=|>=|<|>|==|=)?(.*)$/.exec(clause) ?? [];
    if (bound === version && operator !== '<' && operator !== '>') continue;
    const order = compareToBound(type, version, bound);
    if (order === 'unknown') unknown = true;
    else if (!holds(operator, order)) return false;
  }
  return unknown ? 'unknown' : true;
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return order === 0;
  }
}
