import { compareDigits, compareTokens, orderBy, type Token } from './tokens.ts';

type DebianVersion = { epoch: string; upstream: Token[]; revision: Token[] };

/**
 * deb-version(7): epoch, upstream version, revision. Letters come before other signs, and `~`
 * before everything, even the end. A missing epoch and a missing revision are 0.
 */
export const compareDpkgVersions = orderBy(readVersion, (one, other) => {
  return (
    compareDigits(one.epoch, other.epoch) ||
    compareTokens(one.upstream, other.upstream, END) ||
    compareTokens(one.revision, other.revision, END)
  );
});

// A number is compared with the end of the text as with zero.
const END: Token = { rank: 0, number: '0' };

function readVersion(version: string): DebianVersion | undefined {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?([A-Za-z0-9.+~:_-]+)$/.exec(version.trim()) ?? [];
  if (rest === '') return undefined;
  const dash = rest.lastIndexOf('-');
  return {
    epoch,
    upstream: tokensOf(dash < 0 ? rest : rest.slice(0, dash)),
    revision: tokensOf(dash < 0 ? '' : rest.slice(dash + 1)),
  };
}

function tokensOf(part: string): Token[] {
  return (part.match(/\d+|\D/g) ?? []).map((piece) =>
    /^\d/.test(piece) ? { rank: 0, number: piece } : { rank: weight(piece) },
  );
}

function weight(character: string): number {
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}
