import { compareDigits, compareTokens, orderBy, type Token } from './tokens.ts';

type AlpmVersion = { epoch: string; version: Token[]; release: Token[] | undefined };

/**
 * vercmp(8) of pacman: `epoch:version-release`. Letters right behind a number make it older
 * (1.0rc before 1.0), a separator makes it newer (1.0 before 1.0.a). Releases count only when both
 * versions have one.
 */
export const compareAlpmVersions = orderBy(readVersion, (one, other) => {
  const order =
    compareDigits(one.epoch, other.epoch) || compareTokens(one.version, other.version, END);
  if (order !== 0 || one.release === undefined || other.release === undefined) return order;
  return compareTokens(one.release, other.release, END);
});

// Ranks go by the number of separators before a piece, then letters, the end, digits.
const RANKS_EACH = 3;
const END: Token = { rank: 1 };

function readVersion(text: string): AlpmVersion | undefined {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?([A-Za-z0-9._+~@-]+)$/.exec(text) ?? [];
  if (rest === '') return undefined;
  const dash = rest.lastIndexOf('-');
  return {
    epoch,
    version: tokensOf(dash < 0 ? rest : rest.slice(0, dash)),
    release: dash < 0 ? undefined : tokensOf(rest.slice(dash + 1)),
  };
}

function tokensOf(part: string): Token[] {
  const pieces = part.match(/[A-Za-z]+|\d+|[^A-Za-z\d]+/g) ?? [];
  const tokens: Token[] = [];
  let separators = 0;
  for (const piece of pieces) {
    if (/^\d/.test(piece)) tokens.push({ rank: separators * RANKS_EACH + 2, number: piece });
    else if (/^[A-Za-z]/.test(piece)) tokens.push({ rank: separators * RANKS_EACH, text: piece });
    separators = /^[A-Za-z\d]/.test(piece) ? 0 : piece.length;
  }
  if (separators > 0) tokens.push({ rank: separators * RANKS_EACH + 1 });
  return tokens;
}
