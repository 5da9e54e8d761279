/** How a registry asks for sign-in: a scheme and its parameters, names in lower case. */
export type Challenge = {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
};

const HEADER_LENGTH_MAX = 8192;
const SCHEME = /([A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*)(?:[ \t]+|(?=,)|$)/y;
const PARAMETER =
  /[ \t]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))[ \t]*(?:,|$)?/y;
const BETWEEN = /[ \t,]*/y;

/**
 * The challenges of a `WWW-Authenticate` header (RFC 9110 section 11.6.1), in order. What cannot
 * be read ends the list. Each pattern is anchored where the last one ended, so time is linear.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  if (header.length > HEADER_LENGTH_MAX) return [];
  const challenges: Challenge[] = [];
  let at = skip(BETWEEN, header, 0);
  while (at < header.length) {
    SCHEME.lastIndex = at;
    const scheme = SCHEME.exec(header)?.[1];
    if (scheme === undefined) break;
    const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
    at = readParameters(header, SCHEME.lastIndex, parameters);
    challenges.push({ scheme: scheme.toLowerCase(), parameters: { ...parameters } });
    at = skip(BETWEEN, header, at);
  }
  return challenges;
}

function readParameters(header: string, start: number, into: Record<string, string>): number {
  for (let at = start; ; ) {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(header);
    if (found === null) return at;
    const [, name = '', quoted, plain = ''] = found;
    // RFC 9110 section 5.6.4: a backslash in a quoted text stands for what follows it.
    into[name.toLowerCase()] ??= quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
    at = PARAMETER.lastIndex;
  }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
