import { invalid } from '../model/errors.ts';
import { isJsonObject } from './bounded-json.ts';
import { readCycloneDx } from './cyclonedx-in.ts';
import { readJsonDocument } from './json-document.ts';
import { readSpdx } from './spdx-in.ts';
import type { StatedSbom } from './stated-sbom.ts';

/**
 * Components nest; every level of it is two of JSON. The worst documents of this size and number of
 * values (one text that is not Latin, or small objects only) stay below 1 GiB of memory.
 */
export const SBOM_LIMITS = {
  bytesMax: 128 * 1024 * 1024,
  depthMax: 200,
  valuesMax: 8_000_000,
};

/**
 * Reads somebody's SBOM: CycloneDX JSON 1.4 to 1.7 or SPDX JSON 2.2 and 2.3, told apart by what the
 * document says. Throws a Failure that names `file`, the place (a JSON pointer) and the reason for
 * one that breaks its format's rules, and one that says what is read for every other kind of file.
 */
export function readSbom(bytes: Uint8Array, file: string): StatedSbom {
  const other = otherFormat(bytes);
  if (other !== undefined) throw unread(file, other);
  const value = readJsonDocument(bytes, file, SBOM_LIMITS);
  if (isJsonObject(value)) {
    if (Object.hasOwn(value, 'spdxVersion')) return readSpdx(value, file);
    const isCycloneDx = Object.hasOwn(value, 'bomFormat') || Object.hasOwn(value, 'specVersion');
    if (isCycloneDx) return readCycloneDx(value, file);
    const context = JSON.stringify(value['@context'] ?? '').slice(0, 1000);
    if (context.includes('spdx.org')) throw unread(file, 'SPDX 3 (JSON-LD)');
  }
  throw invalid(
    `${file} is JSON and no SBOM: it has neither "bomFormat" (CycloneDX) nor "spdxVersion" (SPDX).`,
    { code: 'not-an-sbom' },
  );
}

/** What the first bytes say, for the formats that are none of ours. */
function otherFormat(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'a gzip file';
  const isUtf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) return 'UTF-16 text';
  const head = new TextDecoder().decode(bytes.subarray(0, 4096)).trimStart();
  if (head.startsWith('<')) {
    return head.includes('cyclonedx') ? 'CycloneDX XML' : 'XML';
  }
  const isTagValue = head.startsWith('SPDXVersion:') || /^#.*\n\s*SPDXVersion:/.test(head);
  return isTagValue ? 'SPDX tag-value' : undefined;
}

function unread(file: string, format: string): Error {
  return invalid(
    `${file} is ${format}, which is not read: give it as CycloneDX JSON (1.4 to 1.7) or SPDX JSON (2.2 or 2.3).`,
    { code: 'sbom-format-unread' },
  );
}
