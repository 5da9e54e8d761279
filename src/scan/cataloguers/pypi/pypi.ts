import { readZipDirectory, readZipEntry } from '../../../formats/zip.ts';
import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { fileNameOf, folderOf, ownedCharactersMax, ownedPaths } from '../../image-path.ts';
import { problemOf } from '../../problem-of.ts';
import { isProjectFile } from '../../project-file.ts';
import { pypiComponent, readCoreMetadata } from './core-metadata.ts';
import {
  declaredDistributions,
  readPipfileLock,
  readRequirements,
  readTomlLock,
  type StatedDistribution,
} from './declared-distributions.ts';
import { type DistributionFolder, distributionFolder } from './distribution-folder.ts';
import { installedFiles, recordedFiles, topLevelFiles } from './file-lists.ts';

/**
 * Python distributions as `pip list` shows them: dist-info and egg-info in a folder of sys.path. A
 * wheel that lies about (ensurepip/_bundled) is not installed and is left out. What pins a version
 * for an application is declared.
 */
export const pypi: Cataloguer = {
  name: 'pypi',
  version: 1,
  bytesMax: 32 * 1024 * 1024,
  wants: (path) =>
    (path.endsWith('.egg') && distributionFolder(path) !== undefined) ||
    (METADATA_ENDINGS.some((ending) => path.endsWith(ending)) && metadataOf(path) !== undefined) ||
    (LOCK_ENDINGS.some((ending) => path.endsWith(ending)) && lockReaderOf(path) !== undefined),
  parse: (file) => {
    try {
      return parse(file);
    } catch (error) {
      return problemOf(error);
    }
  },
};

function parse(file: FileView): FileFindings {
  if (file.path.endsWith('.egg')) return readZippedEgg(file);
  const metadata = metadataOf(file.path);
  if (metadata !== undefined) return metadata.read(file.bytes(), metadata.at);
  const readLock = lockReaderOf(file.path);
  return readLock === undefined
    ? {}
    : { components: declaredDistributions(readLock(file.bytes())) };
}

type MetadataReader = (bytes: Uint8Array, at: DistributionFolder) => FileFindings;

function metadataOf(path: string): { read: MetadataReader; at: DistributionFolder } | undefined {
  // distutils wrote one file where setuptools writes a folder.
  const isLoneFile = path.endsWith('.egg-info');
  const folder = isLoneFile ? path : folderOf(path);
  const kind = folderKind(folder);
  const read = isLoneFile ? readMetadata : METADATA_READERS[kind]?.get(fileNameOf(path));
  const at = read === undefined ? undefined : distributionFolder(folder);
  return read === undefined || at === undefined ? undefined : { read, at };
}

const METADATA_ENDINGS = ['/METADATA', '/RECORD', '/PKG-INFO', '-info', 's.txt', 'l.txt'];

type FolderKind = 'dist-info' | 'egg-info' | 'egg' | 'other';

function folderKind(folder: string): FolderKind {
  if (folder.endsWith('.dist-info')) return 'dist-info';
  if (folder.endsWith('.egg-info')) return 'egg-info';
  return folder.endsWith('.egg/EGG-INFO') ? 'egg' : 'other';
}

const METADATA_READERS: Readonly<Record<FolderKind, ReadonlyMap<string, MetadataReader>>> = {
  'dist-info': new Map([
    ['METADATA', readMetadata],
    ['RECORD', ownedBy(recordedFiles)],
  ]),
  'egg-info': new Map([
    ['PKG-INFO', readMetadata],
    ['installed-files.txt', ownedBy(installedFiles)],
    ['top_level.txt', ownedBy(topLevelFiles)],
  ]),
  egg: new Map([['PKG-INFO', readMetadata]]),
  other: new Map(),
};

function readMetadata(bytes: Uint8Array, at: DistributionFolder): FileFindings {
  const component = pypiComponent(readCoreMetadata(bytes));
  if (component === undefined) {
    return { problems: ['The metadata states no valid Name and Version.'] };
  }
  const isEgg = folderKind(at.metadata) === 'egg';
  // An egg-info is a folder or a lone file.
  const paths = isEgg ? `${at.importFolder}/` : `${at.metadata}/\n${at.metadata}`;
  return { components: [{ component, key: keyOf(at) }], ownerships: [{ by: keyOf(at), paths }] };
}

// Metadata with a long description has some hundred KiB.
const ZIPPED_METADATA_BYTES_MAX = 8 * 1024 * 1024;

/** An egg that is imported without being unpacked (setuptools, "zip-safe"). */
function readZippedEgg(file: FileView): FileFindings {
  const at = distributionFolder(file.path);
  const entry = readZipDirectory(file).find(({ name }) => name === 'EGG-INFO/PKG-INFO');
  if (at === undefined || entry === undefined) return {};
  return readMetadata(readZipEntry(file, entry, ZIPPED_METADATA_BYTES_MAX), at);
}

function ownedBy(
  listFiles: (bytes: Uint8Array, at: DistributionFolder) => Iterable<string>,
): MetadataReader {
  return (bytes, at) => {
    const paths = ownedPaths(listFiles(bytes, at), ownedCharactersMax(bytes.length));
    return paths === '' ? {} : { ownerships: [{ by: keyOf(at), paths }] };
  };
}

function keyOf(at: DistributionFolder): string {
  return `pypi:${at.metadata}`;
}

const LOCK_READERS: ReadonlyMap<string, (bytes: Uint8Array) => Iterable<StatedDistribution>> =
  new Map([
    ['Pipfile.lock', readPipfileLock],
    ['poetry.lock', readTomlLock],
    ['uv.lock', readTomlLock],
    ['pdm.lock', readTomlLock],
    ['pylock.toml', readTomlLock],
    ['requirements.txt', readRequirements],
  ]);

const LOCK_ENDINGS = ['.lock', 'requirements.txt', 'pylock.toml'];

function lockReaderOf(path: string) {
  const readLock = LOCK_READERS.get(fileNameOf(path));
  return readLock !== undefined && isProjectFile(path) ? readLock : undefined;
}
