import type { ProblemList } from '../../problem-list.ts';
import type { PackageHeader } from './header.ts';

/** Columns of the manifest; more may follow. */
const NAME = 0;
const VERSION_RELEASE = 1;
const ARCH = 7;
const EPOCH = 8;
const SOURCE_RPM = 9;
const COLUMNS_MIN = 8;
const LINE_LENGTH_MAX = 16_384;

/**
 * The list that Azure Linux (Mariner) leaves in images without an RPM database: a package a line,
 * tabs between name, version-release, install time, build time, vendor, epoch or `(none)`, size,
 * architecture, epoch as a number, source package. `rpm -qa --qf` writes it when the image is made.
 */
export function readContainerManifest(
  text: string,
  problems: ProblemList,
): readonly PackageHeader[] {
  const headers: PackageHeader[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    if (line.trim() === '') continue;
    const columns = line.length > LINE_LENGTH_MAX ? [] : line.trimEnd().split('\t');
    const dash = (columns[VERSION_RELEASE] ?? '').lastIndexOf('-');
    if (columns.length < COLUMNS_MIN || columns[NAME] === '' || dash < 1) {
      problems.add(`Line ${number} does not describe a package.`);
      continue;
    }
    headers.push(headerOf(columns, dash));
  }
  return headers;
}

function headerOf(columns: readonly string[], dash: number): PackageHeader {
  const stated = (column: number): string => {
    const value = columns[column] ?? '';
    return value === '(none)' ? '' : value;
  };
  const epoch = stated(EPOCH);
  return {
    name: stated(NAME),
    version: stated(VERSION_RELEASE).slice(0, dash),
    release: stated(VERSION_RELEASE).slice(dash + 1),
    epoch: /^\d{1,9}$/.test(epoch) ? Number(epoch) : 0,
    arch: stated(ARCH),
    sourceRpm: stated(SOURCE_RPM),
    licence: '',
    paths: '',
    isCut: false,
  };
}
