import { PathText } from '../../path-text.ts';

/** What a package header says, as far as it is asked for. Empty where it does not. */
export type PackageHeader = {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly epoch: number;
  readonly arch: string;
  readonly sourceRpm: string;
  readonly licence: string;
  /** Newline-separated, without leading slash. */
  readonly paths: string;
  /** Whether some of its paths were left out. */
  readonly isCut: boolean;
};

/** rpm: include/rpm/rpmtag.h */
const NAME = 1000;
const VERSION = 1001;
const RELEASE = 1002;
const EPOCH = 1003;
const LICENCE = 1014;
const ARCH = 1022;
const OLD_FILE_NAMES = 1027;
const SOURCE_RPM = 1044;
const FOLDER_INDEXES = 1116;
const BASE_NAMES = 1117;
const FOLDER_NAMES = 1118;

const TYPE_INT32 = 4;
const TYPE_STRING = 6;
const TYPE_STRING_ARRAY = 8;
const TYPE_I18N_STRING = 9;

const PREAMBLE_BYTES = 8;
const ENTRY_BYTES = 16;
/** rpm's own limit, hdrchkTags in lib/header.cc. */
const ENTRIES_MAX = 65_535;
const TEXT_BYTES_MAX = 4096;

type Entry = { readonly type: number; readonly start: number; readonly count: number };

/**
 * A package header as RPM databases hold it (https://rpm-software-management.github.io/rpm/manual/
 * format_header.html, without its leading magic): number of index entries and bytes of data,
 * big-endian; the entries, each of tag, type, offset into the data and count; then the data.
 * Undefined when the bytes cannot be one.
 */
export function parsePackageHeader(bytes: Uint8Array): PackageHeader | undefined {
  const entries = indexOf(bytes);
  if (entries === undefined) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (tag: number): string => {
    const entry = entries.get(tag);
    if (entry === undefined || !isText(entry.type)) return '';
    const end = buffer.indexOf(0, entry.start);
    if (end === -1 || end - entry.start > TEXT_BYTES_MAX) return '';
    return buffer.toString('utf8', entry.start, end);
  };
  const epoch = entries.get(EPOCH);
  const hasEpoch = epoch?.type === TYPE_INT32 && epoch.start + 4 <= bytes.length;
  return {
    name: text(NAME),
    version: text(VERSION),
    release: text(RELEASE),
    epoch: hasEpoch ? buffer.readUInt32BE(epoch.start) : 0,
    arch: text(ARCH),
    sourceRpm: text(SOURCE_RPM),
    licence: text(LICENCE),
    ...pathsOf(buffer, entries),
  };
}

const isText = (type: number): boolean =>
  type === TYPE_STRING || type === TYPE_STRING_ARRAY || type === TYPE_I18N_STRING;

const WANTED = new Set([
  NAME,
  VERSION,
  RELEASE,
  EPOCH,
  LICENCE,
  ARCH,
  OLD_FILE_NAMES,
  SOURCE_RPM,
  FOLDER_INDEXES,
  BASE_NAMES,
  FOLDER_NAMES,
]);

function indexOf(bytes: Uint8Array): ReadonlyMap<number, Entry> | undefined {
  if (bytes.length < PREAMBLE_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0);
  const dataBytes = view.getUint32(4);
  const dataStart = PREAMBLE_BYTES + count * ENTRY_BYTES;
  if (count === 0 || count > ENTRIES_MAX || dataStart + dataBytes > bytes.length) return undefined;
  const entries = new Map<number, Entry>();
  for (let at = PREAMBLE_BYTES; at < dataStart; at += ENTRY_BYTES) {
    const tag = view.getUint32(at);
    const offset = view.getUint32(at + 8);
    if (!WANTED.has(tag) || entries.has(tag) || offset >= dataBytes) continue;
    const start = dataStart + offset;
    entries.set(tag, { type: view.getUint32(at + 4), start, count: view.getUint32(at + 12) });
  }
  return entries;
}

type Paths = { readonly paths: string; readonly isCut: boolean };

/** A file is a base name and the number of its folder; before rpm 4.0 it was a whole path. */
function pathsOf(buffer: Buffer, entries: ReadonlyMap<number, Entry>): Paths {
  const paths = new PathText(buffer);
  const names = stringsOf(buffer, entries.get(BASE_NAMES));
  const folders = stringsOf(buffer, entries.get(FOLDER_NAMES));
  const indexes = entries.get(FOLDER_INDEXES);
  const indexesStart = indexes?.type === TYPE_INT32 ? indexes.start : buffer.length;
  for (let file = 0; file + 1 < names.length; file += 1) {
    const indexAt = indexesStart + 4 * file;
    if (indexAt + 4 > buffer.length) break;
    const folder = buffer.readUInt32BE(indexAt);
    const start = folders[folder];
    const end = folders[folder + 1];
    if (start === undefined || end === undefined) continue;
    paths.openFolder(start, end - 1);
    paths.addFile(names[file] ?? 0, (names[file + 1] ?? 1) - 1);
  }
  const whole = stringsOf(buffer, entries.get(OLD_FILE_NAMES));
  if (whole.length > 0) paths.openFolder(0, 0);
  for (let file = 0; file + 1 < whole.length; file += 1) {
    // Without its leading slash.
    paths.addFile((whole[file] ?? 0) + 1, (whole[file + 1] ?? 1) - 1);
  }
  return { paths: paths.text(), isCut: paths.isCut };
}

/** Where the strings of an array begin, and where the last one's end begins the next. */
function stringsOf(buffer: Buffer, entry: Entry | undefined): readonly number[] {
  if (entry?.type !== TYPE_STRING_ARRAY) return [];
  const starts = [entry.start];
  let at = entry.start;
  while (starts.length <= entry.count) {
    const end = buffer.indexOf(0, at);
    if (end === -1) break;
    at = end + 1;
    starts.push(at);
  }
  return starts;
}
