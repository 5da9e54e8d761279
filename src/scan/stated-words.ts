/**
 * What a package states about itself is text from a stranger: it ends in tables, documents and
 * terminals. These keep it to what its ecosystem could ever mean, and give undefined for the rest.
 */

const WORD_CHARACTERS_MAX = 256;
/** Fedora states the licences of all a package's files as one expression, often hundreds long. */
const LICENCE_CHARACTERS_MAX = 4000;
const LICENCES_MAX = 20;

/** A name or version of printable characters without spaces, at most 256 of them. */
export function statedWord(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.trim();
  const isWord = word !== '' && word.length <= WORD_CHARACTERS_MAX && !UNPRINTABLE.test(word);
  return isWord ? word : undefined;
}

// Spaces, controls, and the marks that reorder text or hide in it (Unicode categories Z and C).
const UNPRINTABLE = /[\p{Z}\p{C}]/u;

/** Licences in their author's words: each one line, without repeats, at most 20. */
export function statedLicences(values: readonly unknown[]): readonly string[] {
  const licences = new Set<string>();
  for (const value of values) {
    if (licences.size === LICENCES_MAX) break;
    if (typeof value !== 'string') continue;
    const licence = value.trim();
    const isOneLine = !/\p{Cc}/u.test(licence) && licence.length <= LICENCE_CHARACTERS_MAX;
    if (licence !== '' && isOneLine) licences.add(licence);
  }
  return [...licences];
}
