/**
 * PostgreSQL keeps no NUL in text and no lone surrogate in JSON; anyone outside can send both. A
 * caller is refused; what an external system said is kept with a mark (U+FFFD) in their place.
 */
const unstorable = /\\u0000|\\ud[89a-f]/;

/** Whether any text in a JSON value is such; never misses one, and may be wrong the other way. */
function mayHoldUnstorable(value: unknown): boolean {
  // JSON.stringify writes exactly these as escapes (ECMAScript, QuoteJSONString).
  return unstorable.test(JSON.stringify(value) ?? '');
}

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

/** Whether every text in a JSON value can be kept, names included. */
export function canBeStored(value: unknown): boolean {
  return !mayHoldUnstorable(value) || everyText(value, isStorable);
}

function everyText(value: unknown, holds: (text: string) => boolean): boolean {
  if (typeof value === 'string') return holds(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => holds(name) && everyText(part, holds));
}

/** The same value with a mark in place of what cannot be kept. */
export function toStorable<T>(value: T): T {
  return mayHoldUnstorable(value) ? (marked(value) as T) : value;
}

const mark = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

function marked(value: unknown): unknown {
  if (typeof value === 'string') return mark(value);
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [mark(name), marked(part)]),
  );
}
