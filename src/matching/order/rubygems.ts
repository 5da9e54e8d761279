import { compareTokens, orderBy, type Token } from './tokens.ts';

const RANK = { letters: 0, number: 1 } as const;

/**
 * Gem::Version of RubyGems: runs of digits and of letters; letters make a pre-release, older than
 * any number and than the end; `-` reads as `.pre.`. Zeros at the end of the release and of the
 * pre-release do not count.
 */
export const compareGemVersions = orderBy(readVersion, (one, other) =>
  compareTokens(one, other, { rank: RANK.number, number: '0' }),
);

function readVersion(version: string): Token[] | undefined {
  const text = version.trim();
  if (!/^[0-9][0-9A-Za-z.-]*$/.test(text) || text.includes('..')) return undefined;
  const pieces = text.replaceAll('-', '.pre.').match(/\d+|[A-Za-z]+/g) ?? [];
  const firstLetters = pieces.findIndex((piece) => /[A-Za-z]/.test(piece));
  const split = firstLetters < 0 ? pieces.length : firstLetters;
  return [
    ...withoutZerosAtEnd(pieces.slice(0, split)),
    ...withoutZerosAtEnd(pieces.slice(split)),
  ].map((piece) =>
    /^\d/.test(piece) ? { rank: RANK.number, number: piece } : { rank: RANK.letters, text: piece },
  );
}

function withoutZerosAtEnd(pieces: readonly string[]): readonly string[] {
  return pieces.slice(0, pieces.findLastIndex((piece) => !/^0+$/.test(piece)) + 1);
}
