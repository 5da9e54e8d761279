import { zstdDecompressSync } from 'node:zlib';
import { jsonElements, jsonText, parseBoundedJson } from '../../../formats/bounded-json.ts';
import { Failure } from '../../../model/errors.ts';
import type { Cataloguer, FileFindings, FileView, FoundComponent } from '../../cataloguer.ts';
import { ProblemList } from '../../problem-list.ts';
import { statedWord } from '../../stated-words.ts';

const BYTES_MAX = 16 * 1024 * 1024;
const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;
const RECORD_BYTES_MAX = 64 * 1024;
const PACKAGES_MAX = 10_000;
const NEWLINE = 0x0a;

/**
 * Ubuntu's chiselled images hold slices of packages, no dpkg database, and this manifest of them
 * (https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/): zstd-compressed
 * "jsonwall", one JSON object a line, of kinds package, slice, path and content.
 */
export const chisel: Cataloguer = {
  name: 'chisel',
  version: 1,
  bytesMax: BYTES_MAX,
  wants: (path) => path === 'var/lib/chisel/manifest.wall',
  parse,
};

function parse(file: FileView): FileFindings {
  const problems = new ProblemList();
  const text = decompress(file.bytes());
  if (text === undefined) {
    return { problems: ['The manifest is not zstd-compressed, damaged, or too large to read.'] };
  }
  const components: FoundComponent[] = [];
  const paths = new Map<string, string[]>();
  forEachRecord(text, problems, (record) => {
    const kind = jsonText(record, 'kind');
    if (kind === 'path') ownPath(record, paths);
    if (kind !== 'package') return;
    const found = foundOf(record);
    if (found === undefined) problems.add('A package states no name or version that could be one.');
    else if (components.length < PACKAGES_MAX) components.push(found);
    else problems.add(`A package is over the limit of ${PACKAGES_MAX}.`);
  });
  const ownerships = [...paths].map(([by, owned]) => ({ by, paths: owned.join('\n') }));
  return { components, ownerships, ...problems.findings() };
}

function decompress(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: DECOMPRESSED_BYTES_MAX });
  } catch {
    return undefined;
  }
}

function forEachRecord(
  text: Uint8Array,
  problems: ProblemList,
  use: (record: unknown) => void,
): void {
  let number = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf(NEWLINE, start);
    const end = newline === -1 ? text.length : newline;
    number += 1;
    if (end > start) {
      try {
        use(parseBoundedJson(text.subarray(start, end), { bytesMax: RECORD_BYTES_MAX }));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        problems.add(`Record ${number}: ${error.message}`);
      }
    }
    start = end + 1;
  }
}

function foundOf(record: unknown): FoundComponent | undefined {
  const name = statedWord(jsonText(record, 'name'));
  const version = statedWord(jsonText(record, 'version'));
  const arch = statedWord(jsonText(record, 'arch'));
  if (name === undefined || version === undefined) return undefined;
  const qualifiers = arch === undefined ? {} : { qualifiers: { arch } };
  return { key: keyOf(name), component: { type: 'deb', name, version, ...qualifiers } };
}

const keyOf = (name: string): string => `deb:${name}`;

/** A path belongs to slices, named PACKAGE_SLICE; package names have no underscore. */
function ownPath(record: unknown, paths: Map<string, string[]>): void {
  const path = jsonText(record, 'path') ?? '';
  if (!path.startsWith('/') || path.endsWith('/') || path.includes('\n')) return;
  const slices = jsonElements((record as Readonly<Record<string, unknown>>)['slices']);
  const owner = slices[0];
  if (typeof owner !== 'string' || !owner.includes('_')) return;
  const by = keyOf(owner.slice(0, owner.indexOf('_')));
  const owned = paths.get(by);
  if (owned === undefined) paths.set(by, [path.slice(1)]);
  else owned.push(path.slice(1));
}
