import { compareTokens, orderBy, type Token } from './tokens.ts';

const RANK = { other: -1, end: 4, number: 5, patch: 6 } as const;
/** By how a word begins, in PHP's order of looking; capitals are other words, but for RC. */
const FORMS: readonly (readonly [string, number])[] = [
  ['dev', 0],
  ['a', 1],
  ['b', 2],
  ['RC', 3],
  ['rc', 3],
  ['p', RANK.patch],
];

type ComposerVersion = {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly isBranch: boolean;
};

/**
 * PHP's version_compare(), which Composer orders by: runs of digits and of letters; other words <
 * dev < alpha < beta < RC < the end < a number < pl. Two different branches (`dev-main`) have no
 * order.
 */
export const compareComposerVersions = orderBy(readVersion, (one, other) => {
  if (one.isBranch && other.isBranch) return one.text === other.text ? 0 : 'unknown';
  return compareTokens(one.tokens, other.tokens, { rank: RANK.end });
});

function readVersion(version: string): ComposerVersion | undefined {
  const text = version.replace(/^[vV]/, '');
  if (!/^[0-9A-Za-z]/.test(text) || /\s/.test(text)) return undefined;
  // A lone # stands for "some number" and decides nothing.
  const pieces = text.match(/\d+|[^\d._+#-]+/g) ?? [];
  return { text, tokens: pieces.map(tokenOf), isBranch: text.startsWith('dev-') };
}

function tokenOf(piece: string): Token {
  if (/^\d/.test(piece)) return { rank: RANK.number, number: piece };
  return { rank: FORMS.find(([form]) => piece.startsWith(form))?.[1] ?? RANK.other };
}
