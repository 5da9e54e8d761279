/** A line over this is cut: no format read line by line has longer ones that matter. */
const LINE_CHARACTERS_MAX = 65_536;

/**
 * The lines of a UTF-8 text without their ends (LF or CR LF), one at a time. A byte order mark is
 * skipped and bytes that are not UTF-8 become U+FFFD.
 */
export function* textLines(bytes: Uint8Array): Generator<string> {
  const text = new TextDecoder('utf-8').decode(bytes);
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const next = newline === -1 ? text.length : newline;
    const end = next > start && text[next - 1] === '\r' ? next - 1 : next;
    yield text.slice(start, Math.min(end, start + LINE_CHARACTERS_MAX));
    start = next + 1;
  }
}
