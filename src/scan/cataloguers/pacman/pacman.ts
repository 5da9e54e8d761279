import type { Component } from '../../../model/component.ts';
import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { fileNameOf, folderOf } from '../../image-path.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';

const DATABASE = 'var/lib/pacman/local/';
/** The longest lists, of fonts and firmware, have some megabytes. */
const BYTES_MAX = 64 * 1024 * 1024;
const SECTION_LINES_MAX = 64;

/**
 * Installed packages of Arch Linux and its kin: pacman's local database, a folder a package, with
 * `desc` (what it is) and `files` (what it owns). Both are sections: `%NAME%`, then lines up to an
 * empty one (alpm's lib/libalpm/be_local.c). The folder's name joins the two.
 */
export const pacman: Cataloguer = {
  name: 'pacman',
  version: 1,
  bytesMax: BYTES_MAX,
  wants: (path) =>
    path.startsWith(DATABASE) &&
    (path.endsWith('/desc') || path.endsWith('/files')) &&
    path.indexOf('/', DATABASE.length) === path.lastIndexOf('/'),
  parse,
};

function parse(file: FileView): FileFindings {
  const key = `alpm:${fileNameOf(folderOf(file.path))}`;
  const text = new TextDecoder().decode(file.bytes());
  if (file.path.endsWith('/files')) {
    const paths = pathsOf(text);
    return paths === '' ? {} : { ownerships: [{ by: key, paths }] };
  }
  const component = componentOf(readSections(text));
  if (component !== undefined) return { components: [{ key, component }] };
  return { problems: ['The package states no name or no version that could be one.'] };
}

function componentOf(sections: ReadonlyMap<string, readonly string[]>): Component | undefined {
  const first = (section: string) => statedWord(sections.get(section)?.[0]);
  const name = first('%NAME%');
  const version = first('%VERSION%');
  if (name === undefined || version === undefined) return undefined;
  const arch = first('%ARCH%');
  const source = first('%BASE%');
  const licences = statedLicences(sections.get('%LICENSE%') ?? []);
  return {
    type: 'alpm',
    namespace: 'arch',
    name,
    version,
    ...(arch === undefined ? {} : { qualifiers: { arch } }),
    ...(licences.length === 0 ? {} : { licences }),
    // Packages of one base are built together, so its version is not stated apart.
    ...(source === undefined ? {} : { source: { name: source, version: '' } }),
  };
}

/** The first of sections that repeat counts. */
function readSections(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] | undefined;
  for (const line of text.split('\n')) {
    if (line === '') lines = undefined;
    else if (lines !== undefined) {
      if (lines.length < SECTION_LINES_MAX) lines.push(line);
    } else if (line.startsWith('%')) {
      lines = [];
      if (!sections.has(line)) sections.set(line, lines);
    }
  }
  return sections;
}

/** Folders end in a slash here, which would claim all below them. */
function pathsOf(text: string): string {
  const heading = '%FILES%\n';
  const start = text.indexOf(heading);
  if (start === -1) return '';
  const end = text.indexOf('\n\n', start);
  return text
    .slice(start + heading.length, end === -1 ? text.length : end)
    .split('\n')
    .filter((path) => path !== '' && !path.endsWith('/'))
    .join('\n');
}
