/** The file lists that dpkg and opkg keep of what a package installed. */

/**
 * Paths of an info/NAME.list: one absolute path a line, folders among them, the first `/.`. Done by
 * native operations on the whole text, because an image holds hundreds of these.
 */
export function pathsOfList(bytes: Uint8Array): string {
  let text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  // opkg may add mode and link target after a tab.
  if (text.includes('\t')) text = text.replace(/\t[^\n]*/g, '');
  // In an Ownership a slash at the end stands for all below it, which no list says.
  if (text.includes('/\n') || text.endsWith('/')) text = withoutSlashesAtEnds(text);
  text = text.replace(/\n\//g, '\n');
  const start = text.startsWith('/.\n') ? 3 : text.startsWith('/') ? 1 : 0;
  const end = text.endsWith('\n') ? text.length - 1 : text.length;
  return text.slice(start, Math.max(start, end));
}

/** A regular expression would try a run of slashes from each of them: quadratic, if hostile. */
function withoutSlashesAtEnds(text: string): string {
  return text.split('\n').map(withoutSlashesAtEnd).join('\n');
}

function withoutSlashesAtEnd(line: string): string {
  let end = line.length;
  while (end > 0 && line.charAt(end - 1) === '/') end -= 1;
  return line.slice(0, end);
}

const DIGEST_LENGTH = 32;

/**
 * Paths of a NAME.md5sums as md5sum(1) prints them: digest, a blank, a blank or `*`, the path
 * without a leading slash. Lines of another shape are passed over.
 */
export function pathsOfMd5sums(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const paths: string[] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const isLine = text.charAt(start + DIGEST_LENGTH) === ' ' && text.charAt(end - 1) !== '/';
    if (isLine && end > start + DIGEST_LENGTH + 2) {
      let path = start + DIGEST_LENGTH + 2;
      if (text.startsWith('./', path)) path += 2;
      else if (text.charAt(path) === '/') path += 1;
      if (path < end) paths.push(text.slice(path, end));
    }
    start = end + 1;
  }
  return paths.join('\n');
}

const DIVERSIONS_MAX = 10_000;

type Diversion = { readonly diverter: string; readonly path: string };

/**
 * Files that dpkg moved aside for a package that brings another in their place (dpkg-divert(1)):
 * three lines each, where the file was, where it is now, and the package, or `:` where an
 * administrator did it. Lists name only the first place; the diverter explains the second.
 */
export function divertedFiles(bytes: Uint8Array): readonly Diversion[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const lines = text.split('\n');
  const diversions: Diversion[] = [];
  for (let at = 0; at + 2 < lines.length && diversions.length < DIVERSIONS_MAX; at += 3) {
    const path = lines[at + 1] ?? '';
    const diverter = lines[at + 2] ?? '';
    const isFile = path.startsWith('/') && !path.endsWith('/');
    if (isFile && diverter !== '' && diverter !== ':') {
      diversions.push({ diverter, path: path.slice(1) });
    }
  }
  return diversions;
}
