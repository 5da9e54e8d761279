/** Less than 0, 0 or more than 0 as `one` is older, the same or newer; or no order is known. */
export type VersionOrder = (one: string, other: string) => number | 'unknown';

/** The order of each purl type that has one here. */
const orders: Readonly<Record<string, VersionOrder>> = { deb: compareDebianVersions };

export function compareVersions(type: string, one: string, other: string): number | 'unknown' {
  return orders[type]?.(one, other) ?? 'unknown';
}

/** deb-version(7): epoch, upstream version, revision; `~` sorts before everything, even the end. */
function compareDebianVersions(one: string, other: string): number | 'unknown' {
  const [first, second] = [splitDebian(one), splitDebian(other)];
  if (first === undefined || second === undefined) return 'unknown';
  return (
    first.epoch - second.epoch ||
    compareDebianPart(first.upstream, second.upstream) ||
    compareDebianPart(first.revision, second.revision)
  );
}

function splitDebian(version: string) {
  const [, epoch = '0', rest = ''] = /^(?:(\d{1,9}):)?(.+)$/.exec(version) ?? [];
  if (rest === '' || !/^[A-Za-z0-9.+~:-]+$/.test(rest)) return undefined;
  const dash = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

function compareDebianPart(one: string, other: string): number {
  let left = one;
  let right = other;
  while (left !== '' || right !== '') {
    const [leftText, rightText] = [/^\D*/.exec(left)?.[0] ?? '', /^\D*/.exec(right)?.[0] ?? ''];
    for (let at = 0; at < Math.max(leftText.length, rightText.length); at += 1) {
      const order = weight(leftText[at]) - weight(rightText[at]);
      if (order !== 0) return order;
    }
    left = left.slice(leftText.length);
    right = right.slice(rightText.length);
    const [leftDigits, rightDigits] = [/^\d*/.exec(left)?.[0] ?? '', /^\d*/.exec(right)?.[0] ?? ''];
    const order = compareDigits(leftDigits, rightDigits);
    if (order !== 0) return order;
    left = left.slice(leftDigits.length);
    right = right.slice(rightDigits.length);
  }
  return 0;
}

/** Letters before other signs, the end before letters, `~` before the end. */
function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

function compareDigits(one: string, other: string): number {
  const [left, right] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
