import { textLines } from '../../../formats/text-lines.ts';
import { fileNameOf, inFolder, resolveInImage } from '../../image-path.ts';
import { type DistributionFolder, isSiteFolder } from './distribution-folder.ts';

const FILES_MAX = 500_000;

/**
 * The files of a RECORD: the first column of its CSV, from the import folder, where `..` climbs to
 * bin and share (packaging.python.org, recording installed packages). Compiled modules are left
 * out, which nobody runs by name and which are half of the list.
 */
export function* recordedFiles(bytes: Uint8Array, at: DistributionFolder): Generator<string> {
  let count = 0;
  for (const line of textLines(bytes)) {
    const stated = firstColumn(line);
    if (stated === '' || stated.endsWith('.pyc')) continue;
    if (++count > FILES_MAX) return;
    const path = resolveInImage(at.importFolder, stated);
    if (path !== undefined) yield path;
  }
}

function firstColumn(line: string): string {
  if (!line.startsWith('"')) return line.split(',', 1)[0] ?? '';
  const quoted = /^"((?:[^"]|"")*)"/.exec(line);
  return (quoted?.[1] ?? '').replaceAll('""', '"');
}

/** The lines of installed-files.txt, which setuptools wrote from the metadata folder itself. */
export function* installedFiles(bytes: Uint8Array, at: DistributionFolder): Generator<string> {
  let count = 0;
  for (const line of textLines(bytes)) {
    if (line === '' || line.endsWith('.pyc')) continue;
    if (++count > FILES_MAX) return;
    const path = resolveInImage(at.metadata, line);
    if (path !== undefined) yield path;
  }
}

/**
 * The modules of top_level.txt: each a folder or a file in the import folder. Only in a folder that
 * is for modules: beside a project's source, or at the root of an image, `usr` could be one.
 */
export function* topLevelFiles(bytes: Uint8Array, at: DistributionFolder): Generator<string> {
  if (!isSiteFolder(fileNameOf(at.importFolder))) return;
  let count = 0;
  for (const line of textLines(bytes)) {
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(line)) continue;
    if (++count > 1000) return;
    yield `${inFolder(at.importFolder, line)}/`;
    yield `${inFolder(at.importFolder, line)}.py`;
  }
}
