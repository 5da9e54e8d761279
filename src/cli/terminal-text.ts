/**
 * Foreign text as it may be shown on a terminal: control characters (ECMA-48's C0 and C1, which
 * start escape sequences) and the marks that turn the reading direction around become `?`.
 */
export function terminalText(text: string): string {
  return text.replace(FOREIGN_CONTROLS, '?');
}

/** JSON for terminals too: `JSON.stringify` leaves C1 and direction marks as they are. */
export function terminalJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(BEYOND_JSON, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const FOREIGN_CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const BEYOND_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
