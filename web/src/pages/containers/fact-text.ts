/** A recorded fact as text: nothing is said to be nothing, and not left blank. */
export function factText(fact: unknown): string {
  if (fact === undefined || fact === null) return 'not known';
  if (fact === '') return 'empty';
  if (Array.isArray(fact)) return fact.length === 0 ? 'none' : fact.map(factText).join('\n');
  if (typeof fact === 'object') {
    const pairs = Object.entries(fact);
    if (pairs.length === 0) return 'none';
    return pairs.map(([name, value]) => `${name}=${factText(value)}`).join(' ');
  }
  if (fact === true) return 'yes';
  if (fact === false) return 'no';
  return String(fact);
}
