/** Debian's copyright files: which licences do they state? */

const LICENCES_MAX = 100;
const SYNOPSIS_LENGTH_MAX = 200;
const HEAD_LENGTH = 1000;
const COMMON_LICENCES = '/usr/share/common-licenses/';

/**
 * Licences a copyright file states, in its order: the synopses of the License fields of the
 * machine-readable format (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/),
 * else the texts below /usr/share/common-licenses that it refers to.
 */
export function licencesOf(text: string): readonly string[] {
  const head = text.slice(0, HEAD_LENGTH);
  if (!/^Format(?:-Specification)?:/im.test(head)) return commonLicences(text);
  const stated = statedLicences(text);
  return stated.length > 0 ? stated : commonLicences(text);
}

function statedLicences(text: string): readonly string[] {
  const licences = new Set<string>();
  const marker = 'License:';
  for (
    let at = text.indexOf(marker);
    at !== -1 && licences.size < LICENCES_MAX;
    at = text.indexOf(marker, at + marker.length)
  ) {
    if (at > 0 && text.charAt(at - 1) !== '\n') continue;
    const start = at + marker.length;
    const lineEnd = text.indexOf('\n', start);
    const end = Math.min(lineEnd === -1 ? text.length : lineEnd, start + SYNOPSIS_LENGTH_MAX + 1);
    const synopsis = text.slice(start, end).trim();
    if (isLicenceExpression(synopsis)) licences.add(synopsis);
  }
  return [...licences];
}

/**
 * Short names joined by `and` and `or`, each perhaps `with … exception`. Some authors put the
 * licence's first sentence there, which names nothing.
 */
function isLicenceExpression(synopsis: string): boolean {
  if (synopsis.length > SYNOPSIS_LENGTH_MAX) return false;
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

function commonLicences(text: string): readonly string[] {
  const licences = new Set<string>();
  for (
    let at = text.indexOf(COMMON_LICENCES);
    at !== -1 && licences.size < LICENCES_MAX;
    at = text.indexOf(COMMON_LICENCES, at + 1)
  ) {
    const start = at + COMMON_LICENCES.length;
    // A sentence may end right after the name: `…/GPL-2.` names GPL-2.
    const name = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,30}[A-Za-z0-9])?/.exec(
      text.slice(start, start + 32),
    );
    if (name !== null) licences.add(name[0]);
  }
  return [...licences];
}
