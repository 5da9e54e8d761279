import type { Token } from './tokens.ts';
import { compareDigits, compareTokens, isDigits, numberTokens, orderBy, ZERO } from './tokens.ts';

type PythonVersion = {
  readonly epoch: string;
  readonly release: readonly Token[];
  /** Pre-release, post-release, development release. */
  readonly phases: readonly Token[];
  readonly local: readonly Token[];
};

const FORM = new RegExp(
  [
    /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)/,
    /(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?(\d*))?/,
    /(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?/,
    /(?:[-_.]?(dev)[-_.]?(\d*))?/,
    /(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/,
  ]
    .map((part) => part.source)
    .join(''),
);

const PRE_RANK = { onlyDev: 0, alpha: 1, beta: 2, candidate: 3, none: 4 } as const;

/**
 * PEP 440, and for what it refuses the rule before it (setuptools' pkg_resources.parse_version):
 * such versions are older than all that PEP 440 knows, and ordered among themselves
 * by their parts.
 */
export const comparePythonVersions = orderBy(readAny, (one, other) => {
  if ('legacy' in one || 'legacy' in other) {
    if (!('legacy' in other)) return -1;
    return 'legacy' in one ? compareTokens(one.legacy, other.legacy, { rank: 0 }) : 1;
  }
  return (
    compareDigits(one.epoch, other.epoch) ||
    compareTokens(one.release, other.release, ZERO) ||
    compareTokens(one.phases, other.phases, ZERO) ||
    compareTokens(one.local, other.local, { rank: 0 })
  );
});

function readAny(version: string): PythonVersion | { legacy: Token[] } | undefined {
  const text = version.trim().toLowerCase();
  if (text === '' || /\s/.test(text)) return undefined;
  return readVersion(text) ?? { legacy: legacyTokens(text) };
}

function readVersion(text: string): PythonVersion | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const [
    ,
    epoch = '0',
    release = '',
    pre,
    preNumber,
    dash,
    post,
    postNumber,
    dev,
    devNumber,
    local,
  ] = found;
  const isPost = dash !== undefined || post !== undefined;
  return {
    epoch,
    release: numberTokens(release.split('.')),
    phases: [
      { rank: preRank(pre, !isPost && dev !== undefined), number: preNumber ?? '' },
      { rank: isPost ? 1 : 0, number: dash ?? postNumber ?? '' },
      { rank: dev === undefined ? 1 : 0, number: devNumber ?? '' },
    ],
    local: local === undefined ? [] : local.split(/[-_.]/).map(localToken),
  };
}

function preRank(pre: string | undefined, onlyDev: boolean): number {
  if (pre === undefined) return onlyDev ? PRE_RANK.onlyDev : PRE_RANK.none;
  if (pre.startsWith('a')) return PRE_RANK.alpha;
  return pre.startsWith('b') ? PRE_RANK.beta : PRE_RANK.candidate;
}

function localToken(part: string): Token {
  return isDigits(part) ? { rank: 2, number: part } : { rank: 1, text: part };
}

const LEGACY_NAMES: ReadonlyMap<string, string> = new Map([
  ['pre', 'c'],
  ['preview', 'c'],
  ['-', 'final-'],
  ['rc', 'c'],
  ['dev', '@'],
]);
const LEGACY_DIGITS = 8;
const FINAL = '*final';

/** Numbers filled to eight digits and words behind a star, all in text order. */
function legacyTokens(text: string): Token[] {
  const kept: string[] = [];
  for (const piece of [...(text.match(/\d+|[a-z]+|\.|-|[^\da-z.-]+/g) ?? []), 'final']) {
    if (piece === '.') continue;
    const name = LEGACY_NAMES.get(piece) ?? piece;
    const part = isDigits(name) ? name.padStart(LEGACY_DIGITS, '0') : `*${name}`;
    if (part.startsWith('*')) dropBeforeWord(kept, part);
    kept.push(part);
  }
  return kept.map((part) => ({ rank: 1, text: part }));
}

/** A dash before a pre-release word and zeros before any word do not count. */
function dropBeforeWord(kept: string[], word: string): void {
  while (word < FINAL && kept.at(-1) === `${FINAL}-`) kept.pop();
  while (kept.at(-1) === '0'.repeat(LEGACY_DIGITS)) kept.pop();
}
