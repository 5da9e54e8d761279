/** Less than 0, 0 or more than 0 as `one` is older, the same or newer; or no order is known. */
export type VersionOrder = (one: string, other: string) => number | 'unknown';

/** A piece of a version: first by rank, then by number (a run of digits), then by text. */
export type Token = {
  readonly rank: number;
  readonly number?: string;
  readonly text?: string;
};

/** An order by what a version is read as; what cannot be read cannot be ordered. */
export function orderBy<Read>(
  read: (version: string) => Read | undefined,
  compare: (one: Read, other: Read) => number | 'unknown',
): VersionOrder {
  return (one, other) => {
    const first = read(one);
    const second = read(other);
    return first === undefined || second === undefined ? 'unknown' : compare(first, second);
  };
}

/** Piece by piece; the shorter one counts as followed by `end` for ever. */
export function compareTokens(one: readonly Token[], other: readonly Token[], end: Token): number {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const order = compareToken(one[at] ?? end, other[at] ?? end);
    if (order !== 0) return order;
  }
  return 0;
}

function compareToken(one: Token, other: Token): number {
  return (
    one.rank - other.rank ||
    compareDigits(one.number ?? '', other.number ?? '') ||
    compareText(one.text ?? '', other.text ?? '')
  );
}

/** Runs of digits by value, of any length: the longer is larger, then text order. */
export function compareDigits(one: string, other: string): number {
  const left = withoutLeadingZeros(one);
  const right = withoutLeadingZeros(other);
  return left.length - right.length || compareText(left, right);
}

function withoutLeadingZeros(digits: string): string {
  let at = 0;
  while (digits[at] === '0') at += 1;
  return digits.slice(at);
}

export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

export function isDigits(text: string): boolean {
  return /^\d+$/.test(text);
}

/** Numbers as tokens of one rank, padded with zeros: 1.0 is 1. */
export const ZERO: Token = { rank: 0, number: '0' };

export function numberTokens(numbers: readonly string[]): Token[] {
  return numbers.map((number) => ({ rank: 0, number }));
}
