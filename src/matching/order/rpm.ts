import { compareTokens, orderBy, type Token } from './tokens.ts';

/** At one place: `~` is older than the end, `^` newer, then letters, then numbers. */
const RANK = { tilde: 0, end: 1, caret: 2, letters: 3, number: 4 } as const;
const END: Token = { rank: RANK.end };

type RpmVersion = { epoch: Token[]; version: Token[]; release: Token[] | undefined };

/**
 * rpm-version(7): epoch, version, release, each by runs of digits and of letters; other signs only
 * separate. No epoch is epoch 0; no release is older than any.
 */
export const compareRpmVersions = orderBy(readVersion, compare);

/** The same for a bound of a range: one without a release is about the version alone. */
export const compareRpmToBound = orderBy(readVersion, (version, bound) =>
  compare(bound.release === undefined ? { ...version, release: undefined } : version, bound),
);

function compare(one: RpmVersion, other: RpmVersion): number {
  return (
    compareTokens(one.epoch, other.epoch, END) ||
    compareTokens(one.version, other.version, END) ||
    compareReleases(one.release, other.release)
  );
}

function compareReleases(one: Token[] | undefined, other: Token[] | undefined): number {
  if (one === undefined || other === undefined) {
    return Number(one !== undefined) - Number(other !== undefined);
  }
  return compareTokens(one, other, END);
}

function readVersion(text: string): RpmVersion | undefined {
  if (text === '' || /\s/.test(text)) return undefined;
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: tokensOf(colon < 0 ? '0' : text.slice(0, colon)),
    version: tokensOf(dash < 0 ? rest : rest.slice(0, dash)),
    release: dash < 0 ? undefined : tokensOf(rest.slice(dash + 1)),
  };
}

function tokensOf(part: string): Token[] {
  return (part.match(/\d+|[A-Za-z]+|[~^]/g) ?? []).map((piece) => {
    if (piece === '~') return { rank: RANK.tilde };
    if (piece === '^') return { rank: RANK.caret };
    return /^\d/.test(piece)
      ? { rank: RANK.number, number: piece }
      : { rank: RANK.letters, text: piece };
  });
}
