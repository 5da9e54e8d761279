import { textLines } from '../../../formats/text-lines.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';

const LINES_MAX = 20_000;
// `s.files` of a default gem names thousands on one line; no field read here is longer than this.
const LINE_CHARACTERS_MAX = 8192;

/** A gem as its generated specification states it. */
export type Gemspec = {
  readonly name: string;
  readonly version: string;
  /** Absent for a gem in Ruby alone. */
  readonly platform?: string;
  readonly licences: readonly string[];
  readonly executables: readonly string[];
};

/**
 * A specification as RubyGems writes it when it installs a gem (Gem::Specification#to_ruby): one
 * assignment of literals a line, in one block. A specification somebody wrote may compute its
 * version from a constant elsewhere: that is not run here, and not guessed either.
 */
export function readGemspec(bytes: Uint8Array): Gemspec | undefined {
  const fields = assignedFields(bytes);
  const name = gemName(literalOf(fields.get('name')));
  const version = gemVersion(literalOf(fields.get('version')));
  if (name === undefined || version === undefined) return undefined;
  const platform = gemPlatform(literalOf(fields.get('platform')));
  const licences = [...literalsOf(fields.get('licenses')), ...literalsOf(fields.get('license'))];
  return {
    name,
    version,
    ...(platform === undefined ? {} : { platform }),
    licences: statedLicences(licences),
    executables: literalsOf(fields.get('executables')).filter((each) => /^[\w.-]+$/.test(each)),
  };
}

/** The right-hand side of the first assignment to each field of the block's variable. */
function assignedFields(bytes: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let variable: string | undefined;
  let count = 0;
  for (const whole of textLines(bytes)) {
    if (++count > LINES_MAX) break;
    const line = whole.slice(0, LINE_CHARACTERS_MAX).trim();
    if (variable === undefined) {
      variable = /^Gem::Specification\.new do \|(\w+)\|/.exec(line)?.[1];
      continue;
    }
    const assignment = /^(\w+)\.(\w+) *= *([^=].*)$/.exec(line);
    if (assignment === null || assignment[1] !== variable) continue;
    const [, , field, value] = assignment as unknown as [string, string, string, string];
    if (!fields.has(field)) fields.set(field, value);
  }
  return fields;
}

const LITERAL = /"((?:[^"\\#]|\\.)*)"|'((?:[^'\\]|\\.)*)'|%q[<{]([^<>{}]*)[>}]/y;

/** The text of a right-hand side that is one literal, frozen or wrapped in a Gem::Version. */
function literalOf(value = ''): string | undefined {
  const wrapped = /^Gem::Version\.new\((.*)\)$/.exec(value)?.[1] ?? value;
  const bare = wrapped.endsWith('.freeze') ? wrapped.slice(0, -'.freeze'.length) : wrapped;
  LITERAL.lastIndex = 0;
  const match = LITERAL.exec(bare);
  return match !== null && LITERAL.lastIndex === bare.length ? textOf(match) : undefined;
}

/** The literals of a list, or the one literal that stands alone. */
function literalsOf(value = ''): string[] {
  if (!value.startsWith('[')) return [literalOf(value) ?? []].flat();
  const literals: string[] = [];
  for (let at = 1; at < value.length; ) {
    LITERAL.lastIndex = at;
    const match = LITERAL.exec(value);
    if (match !== null) literals.push(textOf(match));
    at = match === null ? at + 1 : at + match[0].length;
  }
  return literals;
}

function textOf(match: RegExpExecArray): string {
  const text = match[1] ?? match[2] ?? match[3] ?? '';
  return text.replaceAll(/\\(["'\\#])/g, '$1');
}

/** Gem::Specification::VALID_NAME_PATTERN, and not beginning with a dot or dash. */
export function gemName(value: unknown): string | undefined {
  const name = statedWord(value);
  return name !== undefined && /^\w[\w.-]*$/.test(name) ? name : undefined;
}

/** Digits first, then letters and digits between dots (Gem::Version). */
export function gemVersion(value: unknown): string | undefined {
  const version = statedWord(value);
  return version !== undefined && /^\d[0-9a-zA-Z.]*$/.test(version) ? version : undefined;
}

/** `x86_64-linux`, `java`; undefined for `ruby`, which stands for any. */
export function gemPlatform(value: unknown): string | undefined {
  const platform = statedWord(value);
  const isPlatform = platform !== undefined && /^\w[\w.-]*$/.test(platform);
  return isPlatform && platform !== 'ruby' ? platform : undefined;
}
