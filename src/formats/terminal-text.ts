/**
 * What may reach a terminal out of a text that somebody else wrote. Control characters move the
 * cursor, set the title or answer for the person at the keyboard (ECMA-48); bidirectional controls
 * show a text in another order than it has (CVE-2021-42574); both become visible marks instead.
 */
const UNSAFE =
  // C0 and DEL, C1; soft hyphen; Arabic letter mark; zero-width and direction marks; line and
  // paragraph separators and embeddings; word joiner to isolates; byte order mark; tag characters.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** One line: line breaks and tabs are marked too. */
export function terminalLine(text: string, lengthMax = 10_000): string {
  const whole = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return whole.toWellFormed().replace(UNSAFE, mark);
}

/** Several lines: line feeds stay. */
export function terminalLines(text: string, lengthMax = 1_000_000): string {
  return text
    .slice(0, lengthMax)
    .split('\n')
    .map((line) => terminalLine(line))
    .join('\n');
}

function mark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // U+2400 and on picture the control characters themselves: ␛ for escape.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
