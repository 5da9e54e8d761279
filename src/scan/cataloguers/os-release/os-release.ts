import type { OperatingSystem } from '../../../model/component.ts';
import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { isReleaseFile, readReleaseFile } from './release-files.ts';

const BYTES_MAX = 64 * 1024;
const VALUE_LENGTH_MAX = 1024;
const ID_LIKE_MAX = 16;

/**
 * The operating system of an image, by os-release(5). An image carries the file as
 * usr/lib/os-release with etc/os-release a link to it, or as etc/os-release alone. Systems from
 * before 2012 have files of their own kinds, which the fold looks at where there is no os-release.
 */
export const osRelease: Cataloguer = {
  name: 'os-release',
  version: 1,
  bytesMax: BYTES_MAX,
  wants: (path) =>
    path === 'etc/os-release' || path === 'usr/lib/os-release' || isReleaseFile(path),
  parse: (file) => (isReleaseFile(file.path) ? readReleaseFile(file) : parseOsRelease(file)),
};

function parseOsRelease(file: FileView): FileFindings {
  const fields = readAssignments(new TextDecoder().decode(file.bytes()));
  if (fields.size === 0) return { problems: ['The file states no operating system.'] };
  const version = fields.get('VERSION') ?? '';
  const codename =
    fields.get('VERSION_CODENAME') ?? fields.get('UBUNTU_CODENAME') ?? codenameIn(version);
  const os: OperatingSystem = {
    // os-release(5): "If not set, a default of ID=linux may be used."
    id: (fields.get('ID') ?? 'linux').toLowerCase(),
    versionId: fields.get('VERSION_ID') ?? '',
    name: fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? 'Linux',
    idLike: (fields.get('ID_LIKE') ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((id) => id !== '')
      .slice(0, ID_LIKE_MAX),
    ...(codename === undefined || codename === '' ? {} : { codename }),
  };
  return { os };
}

/** Debian 9 and before state the codename in brackets only: `VERSION="9 (stretch)"`. */
function codenameIn(version: string): string | undefined {
  const open = version.indexOf('(');
  const close = version.indexOf(')', open);
  if (open === -1 || close === -1) return undefined;
  const words = version.slice(open + 1, close).toLowerCase();
  return /^[a-z]+$/.test(words) ? words : undefined;
}

/** Lines `NAME=value` in shell syntax, without expansion; a later one of a name wins. */
function readAssignments(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    const equals = trimmed.indexOf('=');
    if (equals <= 0 || trimmed.startsWith('#')) continue;
    const name = trimmed.slice(0, equals);
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) continue;
    const value = unquote(trimmed.slice(equals + 1));
    if (value !== '' && value.length <= VALUE_LENGTH_MAX) fields.set(name, value);
  }
  return fields;
}

function unquote(value: string): string {
  const quote = value.charAt(0);
  if (quote === "'") return withoutControls(value.slice(1, closing(value, quote)));
  if (quote !== '"') return withoutControls(value.replace(/\\(.)/g, '$1'));
  let text = '';
  for (let at = 1; at < value.length && value.charAt(at) !== '"'; at += 1) {
    // In double quotes a backslash stands before what would be special to the shell.
    if (value.charAt(at) === '\\' && '"$`\\'.includes(value.charAt(at + 1))) at += 1;
    text += value.charAt(at);
  }
  return withoutControls(text);
}

function closing(value: string, quote: string): number {
  const end = value.indexOf(quote, 1);
  return end === -1 ? value.length : end;
}

function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '').trim();
}
