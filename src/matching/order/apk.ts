import { compareTokens, orderBy, type Token } from './tokens.ts';

const SUFFIXES_BEFORE = ['alpha', 'beta', 'pre', 'rc'];
const SUFFIXES_AFTER = ['cvs', 'svn', 'git', 'hg', 'p'];

/** At one place in a version: a suffix such as `_rc` is older than nothing, a digit is newest. */
const RANK = {
  suffixBefore: 0,
  malformed: 10,
  end: 20,
  revision: 30,
  hash: 40,
  suffixNumber: 50,
  suffixAfter: 60,
  letter: 70,
  zeroNumber: 80,
  number: 90,
} as const;

type Stage = 'number' | 'letter' | 'suffix' | 'hash' | 'revision';
type Step = { readonly tokens: Token[]; readonly stage: Stage; readonly at: number };

/**
 * apk-package(5): `number{.number}{letter}{_suffix{number}}{~hash}{-r#}`. A number that begins with
 * zero and is not the first is compared as text. What does not fit that form is older than what
 * does; text of signs that no version has is not ordered.
 */
export const compareApkVersions = orderBy(readVersion, (one, other) =>
  compareTokens(one, other, { rank: RANK.end }),
);

function readVersion(version: string): Token[] | undefined {
  if (!/^[A-Za-z0-9._~+-]+$/.test(version)) return undefined;
  const first = /^\d*/.exec(version)?.[0] ?? '';
  const tokens: Token[] = [
    first === '' ? { rank: RANK.malformed } : { rank: RANK.number, number: first },
  ];
  let [at, stage]: [number, Stage] = [first.length, 'number'];
  while (at < version.length) {
    const step = nextStep(version, at, stage);
    if (step === undefined) return [...tokens, { rank: RANK.malformed }];
    tokens.push(...step.tokens);
    ({ at, stage } = step);
  }
  return tokens;
}

function nextStep(version: string, at: number, stage: Stage): Step | undefined {
  const character = version[at] ?? '';
  if (character === '.') return stage === 'number' ? numberStep(version, at + 1) : undefined;
  if (/[a-z]/.test(character)) return stage === 'number' ? letterStep(character, at) : undefined;
  if (/\d/.test(character)) return stage === 'letter' ? numberStep(version, at) : undefined;
  if (stage === 'revision') return undefined;
  if (character === '_') return stage === 'hash' ? undefined : suffixStep(version, at);
  if (character === '~') return stage === 'hash' ? undefined : hashStep(version, at);
  return character === '-' ? revisionStep(version, at) : undefined;
}

function match(pattern: RegExp, version: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(version);
}

function numberStep(version: string, at: number): Step {
  const digits = match(/\d*/y, version, at)?.[0] ?? '';
  return { tokens: [numberToken(digits)], stage: 'number', at: at + digits.length };
}

function numberToken(digits: string): Token {
  if (digits === '') return { rank: RANK.malformed };
  return digits.startsWith('0')
    ? { rank: RANK.zeroNumber, text: digits }
    : { rank: RANK.number, number: digits };
}

function letterStep(letter: string, at: number): Step {
  return { tokens: [{ rank: RANK.letter, text: letter }], stage: 'letter', at: at + 1 };
}

function suffixStep(version: string, at: number): Step | undefined {
  const [text = '', name = '', number = ''] = match(/_([a-z]+)(\d*)/y, version, at) ?? [];
  const before = SUFFIXES_BEFORE.indexOf(name);
  const after = SUFFIXES_AFTER.indexOf(name);
  if (before < 0 && after < 0) return undefined;
  const rank = before < 0 ? RANK.suffixAfter + after : RANK.suffixBefore + before;
  const tokens: Token[] = [{ rank }];
  if (number !== '') tokens.push({ rank: RANK.suffixNumber, number });
  return { tokens, stage: 'suffix', at: at + text.length };
}

function hashStep(version: string, at: number): Step | undefined {
  const [text = '', hash = ''] = match(/~([0-9a-f]+)/y, version, at) ?? [];
  if (hash === '') return undefined;
  return { tokens: [{ rank: RANK.hash, text: hash }], stage: 'hash', at: at + text.length };
}

function revisionStep(version: string, at: number): Step | undefined {
  const [text = '', number = ''] = match(/-r(\d*)/y, version, at) ?? [];
  if (text === '') return undefined;
  return { tokens: [{ rank: RANK.revision, number }], stage: 'revision', at: at + text.length };
}
