import type { Component } from '../../../model/component.ts';
import type {
  Cataloguer,
  FileFindings,
  FileView,
  FoundComponent,
  LicenceStatement,
} from '../../cataloguer.ts';
import { readStanzas, type Stanza } from '../../control-stanzas.ts';
import { ProblemList } from '../../problem-list.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';
import { licencesOf } from './copyright.ts';
import { divertedFiles, pathsOfList, pathsOfMd5sums } from './file-lists.ts';

const BYTES_MAX = 64 * 1024 * 1024;
/** All of Debian is some 65,000 binary packages. */
const PACKAGES_MAX = 200_000;

const STATUS = 'var/lib/dpkg/status';
/** Distroless images: one file a package, its file list beside it as NAME.md5sums. */
const STATUS_FOLDER = 'var/lib/dpkg/status.d/';
const DIVERSIONS = 'var/lib/dpkg/diversions';
const INFO_FOLDER = 'var/lib/dpkg/info/';
const DOCUMENT_FOLDER = 'usr/share/doc/';
const COPYRIGHT = '/copyright';
/** opkg, OpenWrt's and Yocto's package manager, keeps a status file in dpkg's syntax. */
const OPKG_FOLDERS = ['usr/lib/opkg/', 'var/lib/opkg/'];

/**
 * Installed packages of Debian and its kin: dpkg's status database (dpkg(1), deb-control(5)), with
 * the files they own and the licences their copyright files state; opkg's, which copies its format.
 *
 * Joining keys are `deb:NAME`, and `deb:NAME:ARCH` for packages that install beside themselves for
 * several architectures (Multi-Arch: same), because dpkg names their file lists so. The latter
 * are found under `deb:NAME` too, since all their copies share one copyright file.
 */
export const dpkg: Cataloguer = {
  name: 'dpkg',
  version: 1,
  bytesMax: BYTES_MAX,
  wants,
  parse,
};

function wants(path: string): boolean {
  if (path.startsWith(DOCUMENT_FOLDER)) {
    return (
      path.endsWith(COPYRIGHT) &&
      path.indexOf('/', DOCUMENT_FOLDER.length) === path.length - COPYRIGHT.length
    );
  }
  if (path.startsWith('var/lib/dpkg/')) {
    // A package's md5sums below info/ name nothing that its list does not.
    if (path.startsWith(INFO_FOLDER)) return path.endsWith('.list');
    return path === STATUS || path === DIVERSIONS || isDirectlyBelow(STATUS_FOLDER, path);
  }
  return opkgPart(path) !== undefined;
}

function isDirectlyBelow(folder: string, path: string): boolean {
  return (
    path.startsWith(folder) && path.length > folder.length && !path.includes('/', folder.length)
  );
}

type OpkgPart = 'status' | 'list' | 'control';

function opkgPart(path: string): OpkgPart | undefined {
  const folder = OPKG_FOLDERS.find((start) => path.startsWith(start));
  if (folder === undefined) return undefined;
  if (path.length === folder.length + 'status'.length && path.endsWith('status')) return 'status';
  if (!isDirectlyBelow(`${folder}info/`, path)) return undefined;
  if (path.endsWith('.list')) return 'list';
  return path.endsWith('.control') ? 'control' : undefined;
}

function parse(file: FileView): FileFindings {
  const path = file.path;
  if (path === STATUS) return parseStatus(file, { type: 'deb', statusStated: true });
  if (path === DIVERSIONS) return parseDiversions(file);
  if (path.startsWith(INFO_FOLDER)) return parseList(file, 'deb');
  if (path.startsWith(STATUS_FOLDER)) {
    if (!path.endsWith('.md5sums')) {
      return parseStatus(file, { type: 'deb', statusStated: false, fileName: baseName(path, '') });
    }
    const by = `deb:${baseName(path, '.md5sums')}`;
    return { ownerships: [{ by, paths: pathsOfMd5sums(file.bytes()) }] };
  }
  if (path.startsWith(DOCUMENT_FOLDER)) return parseCopyright(file);
  const part = opkgPart(path);
  if (part === 'status') return parseStatus(file, { type: 'opkg', statusStated: true });
  if (part === 'control') return parseOpkgControl(file);
  return parseList(file, 'opkg');
}

function parseDiversions(file: FileView): FileFindings {
  const diverted = divertedFiles(file.bytes());
  return {
    ownerships: diverted.map(({ diverter, path }) => ({ by: `deb:${diverter}`, paths: path })),
  };
}

/** deb-control(5) and opkg: a package's own programs, kept beside its list and not named in it. */
const MAINTAINER_SCRIPTS = ['config', 'postinst', 'postrm', 'preinst', 'prerm'];

function parseList(file: FileView, type: 'deb' | 'opkg'): FileFindings {
  const by = `${type}:${baseName(file.path, '.list')}`;
  const stem = file.path.slice(0, -'list'.length);
  const scripts = MAINTAINER_SCRIPTS.map((script) => `${stem}${script}`).join('\n');
  return {
    ownerships: [
      { by, paths: pathsOfList(file.bytes()) },
      { by, paths: scripts },
    ],
  };
}

function baseName(path: string, ending: string): string {
  return path.slice(path.lastIndexOf('/') + 1, path.length - ending.length);
}

const STATUS_FIELDS = [
  'Package',
  'Status',
  'Version',
  'Architecture',
  'Multi-Arch',
  'Source',
] as const;
type StatusStanza = Stanza<(typeof STATUS_FIELDS)[number]>;

type StatusKind = {
  readonly type: 'deb' | 'opkg';
  /** dpkg takes a stanza without Status for a package that is not installed; status.d has none. */
  readonly statusStated: boolean;
  /** In status.d, the file's name: its md5sums file is named after it and not after the package. */
  readonly fileName?: string;
};

function parseStatus(file: FileView, kind: StatusKind): FileFindings {
  const problems = new ProblemList();
  const components: FoundComponent[] = [];
  readStanzas(file.bytes(), STATUS_FIELDS, problems, (stanza) => {
    const name = statedWord(stanza.fields.Package);
    const version = statedWord(stanza.fields.Version);
    if (name === undefined) {
      problems.add(`Stanza ${stanza.number} has no Package field that names one.`);
    } else if (!isInstalled(stanza.fields.Status, kind)) {
      return;
    } else if (version === undefined) {
      problems.add(`Stanza ${stanza.number} (${name}) has no Version field that states one.`);
    } else if (components.length >= PACKAGES_MAX) {
      problems.add(`Stanza ${stanza.number} is over the limit of ${PACKAGES_MAX} packages.`);
    } else {
      pushFound(components, componentOf(kind.type, name, version, stanza), stanza, kind);
    }
  });
  return { components, ...problems.findings() };
}

/**
 * dpkg(1), "Package states": of a package that is not-installed nothing is left, of one in
 * config-files only its configuration. In every other state its files, or some, are on the disk.
 */
function isInstalled(status: string | undefined, kind: StatusKind): boolean {
  if (status === undefined || status === '') return !kind.statusStated;
  const state = status.slice(status.lastIndexOf(' ') + 1);
  return state !== 'not-installed' && state !== 'config-files';
}

function componentOf(
  type: 'deb' | 'opkg',
  name: string,
  version: string,
  stanza: StatusStanza,
): Component {
  const arch = statedWord(stanza.fields.Architecture);
  const source = sourceOf(stanza.fields.Source ?? '');
  return {
    type,
    name,
    version,
    ...(arch === undefined ? {} : { qualifiers: { arch } }),
    ...(source === undefined ? {} : { source }),
  };
}

/** deb-control(5): `Source: glibc` or, where its version differs, `Source: glibc (2.36-9)`. */
function sourceOf(field: string): Component['source'] {
  const open = field.indexOf('(');
  const name = statedWord(open === -1 ? field : field.slice(0, open));
  if (name === undefined) return undefined;
  if (open === -1) return { name, version: '' };
  const close = field.indexOf(')', open);
  const version = statedWord(field.slice(open + 1, close === -1 ? field.length : close));
  return { name, version: version ?? '' };
}

function pushFound(
  components: FoundComponent[],
  component: Component,
  stanza: StatusStanza,
  kind: StatusKind,
): void {
  const key = `${kind.type}:${component.name}`;
  components.push({ component, key });
  const arch = component.qualifiers?.['arch'];
  if (stanza.fields['Multi-Arch'] === 'same' && arch !== undefined) {
    components.push({ component, key: `${key}:${arch}` });
  }
  if (kind.fileName !== undefined && kind.fileName !== component.name) {
    components.push({ component, key: `${kind.type}:${kind.fileName}` });
  }
}

function parseCopyright(file: FileView): FileFindings {
  const name = file.path.slice(DOCUMENT_FOLDER.length, -COPYRIGHT.length);
  const licences = licencesOf(file.bytes());
  return licences.length === 0 ? {} : { licences: [{ of: `deb:${name}`, licences }] };
}

/** opkg keeps each package's own control file, which states what the status file leaves out. */
function parseOpkgControl(file: FileView): FileFindings {
  const problems = new ProblemList();
  const statements: LicenceStatement[] = [];
  readStanzas(file.bytes(), ['Package', 'License'], problems, ({ number, fields }) => {
    const name = statedWord(fields.Package);
    const licences = statedLicences([fields.License]);
    // One package a file: more would be another kind of file.
    if (number > 1 || name === undefined || licences.length === 0) return;
    statements.push({ of: `opkg:${name}`, licences });
  });
  return { licences: statements, ...problems.findings() };
}
