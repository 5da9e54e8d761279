import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { ProblemList } from '../../problem-list.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';
import { readContainerManifest } from './container-manifest.ts';
import { readDatabase } from './database.ts';
import { type PackageHeader, parsePackageHeader } from './header.ts';

const BYTES_MAX = 256 * 1024 * 1024;
const PACKAGES_MAX = 200_000;

const FOLDERS = ['var/lib/rpm/', 'usr/lib/sysimage/rpm/', 'usr/share/rpm/'];
const DATABASES = ['Packages', 'Packages.db', 'rpmdb.sqlite'];
const WRITE_AHEAD_LOG = 'rpmdb.sqlite-wal';
const MANIFEST = 'var/lib/rpmmanifest/container-manifest-2';

/**
 * Installed packages of Fedora, Red Hat, SUSE, Azure Linux and their kin, with the files they own:
 * the RPM database in its three kinds, and Azure Linux's list where an image has no database.
 */
export const rpm: Cataloguer = {
  name: 'rpm',
  version: 1,
  bytesMax: BYTES_MAX,
  wants,
  parse,
};

function wants(path: string, size: number): boolean {
  if (path === MANIFEST) return true;
  const folder = FOLDERS.find((start) => path.startsWith(start));
  if (folder === undefined) return false;
  const name = path.slice(folder.length);
  return DATABASES.includes(name) || (name === WRITE_AHEAD_LOG && size > 0);
}

function parse(file: FileView): FileFindings {
  if (file.path.endsWith(WRITE_AHEAD_LOG)) {
    return {
      problems: [
        'The RPM database was not closed: changes that are only in this write-ahead log are missing.',
      ],
    };
  }
  const problems = new ProblemList();
  const headers: PackageHeader[] = [];
  if (file.path === MANIFEST) {
    headers.push(...readContainerManifest(new TextDecoder().decode(file.bytes()), problems));
  } else {
    readDatabase(file, problems, (bytes) => {
      const header = parsePackageHeader(bytes);
      if (header === undefined) problems.add('A record of the database is not a package header.');
      else if (headers.length < PACKAGES_MAX) headers.push(header);
      else problems.add(`A package is over the limit of ${PACKAGES_MAX}.`);
    });
  }
  return { ...findingsOf(headers, problems), ...problems.findings() };
}

type Found = Pick<Required<FileFindings>, 'components' | 'ownerships'>;

function findingsOf(headers: readonly PackageHeader[], problems: ProblemList): Found {
  const components: Found['components'][number][] = [];
  const ownerships: Found['ownerships'][number][] = [];
  for (const header of headers) {
    // `rpm -qa` lists imported signing keys as packages of this name; they hold no software.
    if (header.name === 'gpg-pubkey') continue;
    const found = foundOf(header);
    if (found === undefined) {
      problems.add('A package header states no name or no version that could be one.');
      continue;
    }
    components.push(found);
    if (header.isCut) problems.add('The file list of a package is too long to keep whole.');
    if (header.paths !== '') ownerships.push({ by: found.key, paths: header.paths });
  }
  return { components, ownerships };
}

function foundOf(header: PackageHeader) {
  const { epoch } = header;
  const name = statedWord(header.name);
  const arch = statedWord(header.arch);
  const version = versionOf(header);
  if (name === undefined || version === undefined) return undefined;
  const licences = statedLicences([header.licence]);
  const source = sourceOf(header.sourceRpm);
  // An epoch of 0 is the same as none (rpm-version(7)), and none is how purls write it.
  const qualifiers = {
    ...(arch === undefined ? {} : { arch }),
    ...(epoch === 0 ? {} : { epoch: String(epoch) }),
  };
  return {
    // Several versions of one package may be installed, kernels for one.
    key: `rpm:${name}:${arch ?? ''}:${epoch}:${version}`,
    component: {
      type: 'rpm',
      name,
      version,
      ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
      ...(licences.length === 0 ? {} : { licences }),
      ...(source === undefined ? {} : { source }),
    },
  };
}

function versionOf({ version, release }: PackageHeader): string | undefined {
  if (version === '') return undefined;
  return statedWord(release === '' ? version : `${version}-${release}`);
}

/** `bash-5.1.8-6.el9.src.rpm`: name, version and release, of which only the name has hyphens. */
function sourceOf(fileName: string): { name: string; version: string } | undefined {
  const ending = ['.nosrc.rpm', '.src.rpm'].find((end) => fileName.endsWith(end));
  if (ending === undefined) return undefined;
  const stem = fileName.slice(0, -ending.length);
  const release = stem.lastIndexOf('-');
  const version = stem.lastIndexOf('-', release - 1);
  const isWord = statedWord(stem) === stem;
  if (version < 1 || !isWord) return undefined;
  return { name: stem.slice(0, version), version: stem.slice(version + 1) };
}
