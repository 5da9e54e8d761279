import { compareTokens, isDigits, orderBy, type Token } from './tokens.ts';

/** Qualifiers in their order; the empty one is a release. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['cr', 'rc'],
  ['ga', ''],
  ['final', ''],
  ['release', ''],
]);
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

const RELEASE = QUALIFIERS.indexOf('');
const RANK = { word: 10, numberAfterDash: 11, numberAfterDot: 12 } as const;
/** A word after a dot is older than the same, or another unknown one, after a dash. */
const AFTER = { dot: 0, dash: 0.5 } as const;

type Piece = { readonly value: string; readonly afterDot: boolean };

/**
 * Maven's ComparableVersion, as its POM reference specifies it ("Version Order Specification"):
 * pieces between dots, dashes and changes from digits to letters; empty values before a dash or the
 * end do not count; known qualifiers, then other words, then `-1`, then `.1`. The rule itself runs
 * in a circle around words after a dot: 1.0.rc < 1 < 1-x < 1.0.rc.
 */
export const compareMavenVersions = orderBy(readVersion, (one, other) => {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [one[at], other[at]];
    const order = compareTokens([left ?? endBeside(right)], [right ?? endBeside(left)], RELEASED);
    if (order !== 0) return order;
  }
  return 0;
});

const RELEASED: Token = { rank: RELEASE };

/** The end is as good as the empty value of what stands on the other side: zero, or a release. */
function endBeside(token: Token | undefined): Token {
  if (token?.number !== undefined) return { rank: token.rank, number: '0' };
  return token !== undefined && Math.floor(token.rank) === RELEASE ? token : RELEASED;
}

function readVersion(version: string): Token[] | undefined {
  if (version === '' || !/^[0-9A-Za-z._+-]+$/.test(version)) return undefined;
  return withoutEmptyValues(piecesOf(version.toLowerCase())).map(tokenOf);
}

function piecesOf(version: string): Piece[] {
  const pieces: Piece[] = [];
  let afterDot = true;
  for (const part of version.match(/[.-]|[^.-]+/g) ?? []) {
    if (part !== '.' && part !== '-') {
      pieces.push(...runsOf(part, afterDot));
      continue;
    }
    // Two separators side by side have an empty number between them.
    if (pieces.length === 0 || pieces.at(-1)?.value === SEPARATOR) pieces.push(zero(afterDot));
    afterDot = part === '.';
    pieces.push({ value: SEPARATOR, afterDot });
  }
  if (pieces.at(-1)?.value === SEPARATOR) pieces.push(zero(afterDot));
  return pieces.filter((piece) => piece.value !== SEPARATOR);
}

const SEPARATOR = '.';

function zero(afterDot: boolean): Piece {
  return { value: '0', afterDot };
}

/** A change between digits and letters counts as a dash. */
function runsOf(part: string, afterDot: boolean): Piece[] {
  const runs = part.match(/\d+|\D+/g) ?? [];
  return runs.map((run, index) => {
    const isAfterDot = afterDot && index === 0;
    if (isDigits(run)) return { value: run, afterDot: isAfterDot };
    const full = index + 1 < runs.length ? (LETTERS.get(run) ?? run) : run;
    return { value: ALIASES.get(full) ?? full, afterDot: isAfterDot };
  });
}

function withoutEmptyValues(pieces: readonly Piece[]): Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    if (!piece.afterDot) dropEmptyEnd(kept);
    kept.push(piece);
  }
  dropEmptyEnd(kept);
  return kept;
}

function dropEmptyEnd(pieces: Piece[]): void {
  while (pieces.length > 0 && /^0*$/.test(pieces.at(-1)?.value ?? '')) pieces.pop();
}

function tokenOf({ value, afterDot }: Piece): Token {
  if (isDigits(value)) {
    return { rank: afterDot ? RANK.numberAfterDot : RANK.numberAfterDash, number: value };
  }
  const known = QUALIFIERS.indexOf(value);
  const after = afterDot ? AFTER.dot : AFTER.dash;
  return known < 0 ? { rank: RANK.word + after, text: value } : { rank: known + after };
}
