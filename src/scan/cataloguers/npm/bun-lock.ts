import {
  jsonElements,
  jsonMember,
  jsonMembers,
  parseBoundedJson,
} from '../../../formats/bounded-json.ts';
import type { StatedPackage } from './npm-component.ts';
import { splitDescriptor } from './yarn-lock.ts';

/**
 * The packages of Bun's text lock file: JSON with trailing commas, whose `packages` map gives each
 * as a tuple that begins `name@version`. A workspace, folder or git reference stands where the
 * version would and is left out, as it names no version.
 */
export function* readBunLock(bytes: Uint8Array): Generator<StatedPackage> {
  const lock = parseBoundedJson(withoutTrailingCommas(bytes));
  for (const [, tuple] of jsonMembers(jsonMember(lock, 'packages'))) {
    const [identity] = jsonElements(tuple);
    if (typeof identity !== 'string') continue;
    const { name, range } = splitDescriptor(identity);
    yield { name, version: range };
  }
}

const QUOTE = 0x22;
const SPACE = 0x20;

/** The same bytes with a space for each comma before a closing bracket: places stay the same. */
function withoutTrailingCommas(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  let comma = -1;
  for (let index = 0; index < copy.length; index++) {
    const byte = copy[index]!;
    if (byte === QUOTE) {
      index = closingQuote(copy, index);
      comma = -1;
    } else if (byte === 0x2c) {
      comma = index;
    } else if (byte === 0x5d || byte === 0x7d) {
      if (comma !== -1) copy[comma] = SPACE;
      comma = -1;
    } else if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
      comma = -1;
    }
  }
  return copy;
}

function closingQuote(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === 0x5c ? 2 : 1;
  return index;
}
