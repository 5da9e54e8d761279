import type { OperatingSystem } from '../../../model/component.ts';
import type { FileFindings, FileView } from '../../cataloguer.ts';

const LINE_LENGTH_MAX = 200;

type Reader = (line: string) => OperatingSystem | undefined;

/**
 * Files that named a system before os-release(5), and that images without it still carry. Each is
 * one line. Only these say what CentOS 6 or Debian 6 is.
 */
const READERS: ReadonlyMap<string, Reader> = new Map([
  ['etc/alpine-release', (line) => systemOf('alpine', 'Alpine Linux', line)],
  ['etc/centos-release', redHatFamily],
  // Derivatives keep Debian's file, but all of those have an os-release.
  ['etc/debian_version', debian],
  ['etc/oracle-release', redHatFamily],
  ['etc/redhat-release', redHatFamily],
  ['etc/system-release', redHatFamily],
]);

export function isReleaseFile(path: string): boolean {
  return READERS.has(path);
}

/** Silent about a line of another shape: it is a hint, and os-release the source. */
export function readReleaseFile(file: FileView): FileFindings {
  const [line = ''] = new TextDecoder().decode(file.read(0, LINE_LENGTH_MAX)).split('\n');
  const os = READERS.get(file.path)?.(line.trim());
  return os === undefined ? {} : { os };
}

/** `3.18.4`, `6.0.10`; a release under way is named `trixie/sid` and has no number. */
function systemOf(id: string, name: string, line: string): OperatingSystem | undefined {
  const number = /^\d{1,4}(?:\.\d{1,8}){0,3}$/.exec(line);
  if (number !== null) return { id, versionId: line, name: `${name} ${line}`, idLike: [] };
  const codename = /^([a-z]{2,20})\/sid$/.exec(line)?.[1];
  if (codename === undefined) return undefined;
  return { id, versionId: '', name: `${name} ${line}`, idLike: [], codename };
}

/** The os-release of later Debians and CentOSes states the major version alone: so do these. */
const majorOf = (version: string): string => version.split('.')[0] ?? version;

function debian(line: string): OperatingSystem | undefined {
  const os = systemOf('debian', 'Debian GNU/Linux', line);
  return os === undefined ? undefined : { ...os, versionId: majorOf(os.versionId) };
}

const RED_HAT_FAMILY: readonly (readonly [start: string, id: string])[] = [
  ['AlmaLinux', 'almalinux'],
  ['Amazon Linux', 'amzn'],
  ['CentOS', 'centos'],
  ['Fedora', 'fedora'],
  ['Oracle Linux', 'ol'],
  ['Red Hat Enterprise Linux', 'rhel'],
  ['Rocky Linux', 'rocky'],
];

/** `CentOS release 6.10 (Final)`, `Red Hat Enterprise Linux Server release 6.9 (Santiago)`. */
function redHatFamily(line: string): OperatingSystem | undefined {
  const id = RED_HAT_FAMILY.find(([start]) => line.startsWith(start))?.[1];
  const version = / release (\d{1,4}(?:\.\d{1,8}){0,3})(?: |$)/.exec(line)?.[1];
  if (id === undefined || version === undefined || /\p{Cc}/u.test(line)) return undefined;
  const versionId = id === 'centos' ? majorOf(version) : version;
  return { id, versionId, name: line, idLike: [] };
}
