/** Debian's copyright files: which licences do they state? */

const LICENCES_MAX = 100;
const SYNOPSIS_BYTES_MAX = 200;
const HEAD_BYTES = 1000;
const NEWLINE = 0x0a;
const LICENCE_FIELD = Buffer.from('License:');
const COMMON_LICENCES = Buffer.from('/usr/share/common-licenses/');

/**
 * Licences a copyright file states, in its order: the synopses of the License fields of the
 * machine-readable format (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/),
 * else the texts below /usr/share/common-licenses that it refers to. It searches the bytes, since
 * an image holds megabytes of these texts and states its licences in a few lines of them.
 */
export function licencesOf(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = text.toString('latin1', 0, HEAD_BYTES);
  if (!/^Format(?:-Specification)?:/im.test(head)) return commonLicences(text);
  const stated = statedLicences(text);
  return stated.length > 0 ? stated : commonLicences(text);
}

function statedLicences(text: Buffer): readonly string[] {
  const licences = new Set<string>();
  for (
    let at = text.indexOf(LICENCE_FIELD);
    at !== -1 && licences.size < LICENCES_MAX;
    at = text.indexOf(LICENCE_FIELD, at + LICENCE_FIELD.length)
  ) {
    if (at > 0 && text[at - 1] !== NEWLINE) continue;
    const start = at + LICENCE_FIELD.length;
    const rest = text.toString('utf8', start, start + SYNOPSIS_BYTES_MAX + 1);
    const lineEnd = rest.indexOf('\n');
    const synopsis = (lineEnd === -1 ? rest : rest.slice(0, lineEnd)).trim();
    if (isLicenceExpression(synopsis)) licences.add(synopsis);
  }
  return [...licences];
}

/**
 * Short names joined by `and` and `or`, each perhaps `with … exception`. Some authors put the
 * licence's first sentence there, which names nothing.
 */
function isLicenceExpression(synopsis: string): boolean {
  if (synopsis.length > SYNOPSIS_BYTES_MAX || /\p{Cc}/u.test(synopsis)) return false;
  const words = synopsis.toLowerCase().split(/[\s,]+/);
  let expectsName = true;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (expectsName) {
      if (word === '' || word === 'and' || word === 'or') return false;
      expectsName = false;
    } else if (word === 'with') {
      const exception = words.indexOf('exception', at);
      if (exception === -1) return false;
      at = exception;
    } else if (word === 'and' || word === 'or') {
      expectsName = true;
    } else return false;
  }
  return !expectsName;
}

const COMMON_NAME_BYTES_MAX = 32;

function commonLicences(text: Buffer): readonly string[] {
  const licences = new Set<string>();
  for (
    let at = text.indexOf(COMMON_LICENCES);
    at !== -1 && licences.size < LICENCES_MAX;
    at = text.indexOf(COMMON_LICENCES, at + 1)
  ) {
    const start = at + COMMON_LICENCES.length;
    const rest = text.toString('latin1', start, start + COMMON_NAME_BYTES_MAX);
    // A sentence may end right after the name: `…/GPL-2.` names GPL-2.
    const name = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,30}[A-Za-z0-9])?/.exec(rest);
    if (name !== null) licences.add(name[0]);
  }
  return [...licences];
}
