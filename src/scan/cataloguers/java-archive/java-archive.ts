import { fileOfBytes, type RandomAccess } from '../../../formats/random-access.ts';
import {
  readZipDirectory,
  readZipEntry,
  storedZipEntry,
  type ZipEntry,
} from '../../../formats/zip.ts';
import { publicMessage } from '../../../model/errors.ts';
import type { Cataloguer, FileFindings, FileView, FoundComponent } from '../../cataloguer.ts';
import { identifyArchive } from './java-identity.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { type Pom, parsePomProperties, parsePomXml } from './pom.ts';

/** Archives by what they are called; a rar is a Java EE resource adapter, or the other format. */
const EXTENSIONS: readonly string[] = [
  '.jar',
  '.war',
  '.ear',
  '.par',
  '.hpi',
  '.jpi',
  '.nar',
  '.kar',
  '.lpkg',
  '.rar',
];
const DEPTH_MAX = 16;
const ARCHIVES_MAX = 20_000;
const COMPONENTS_MAX = 100_000;
const PROBLEMS_MAX = 20;
const MANIFEST_BYTES_MAX = 32 * 1024 * 1024;
const PROPERTIES_BYTES_MAX = 256 * 1024;
const POM_BYTES_MAX = 4 * 1024 * 1024;
/** Unpacked nested archives held in memory at one time, one inside the other. */
const HELD_BYTES_MAX = 192 * 1024 * 1024;
/** Unpacked in all for one file: it bounds the time. */
const UNPACKED_BYTES_MAX = 2 * 1024 * 1024 * 1024;

/** Java archives and the archives within them. */
export const javaArchive: Cataloguer = {
  name: 'java-archive',
  version: 1,
  wants: (path) => isArchiveName(path),
  bytesMax: 1024 * 1024 * 1024,
  parse: parseJavaArchive,
};

function isArchiveName(path: string): boolean {
  return EXTENSIONS.some((extension) => path.endsWith(extension));
}

/** What one file's archives share: their findings and what may still be spent on them. */
type Walk = {
  readonly components: FoundComponent[];
  readonly problems: string[];
  archives: number;
  unpackedBytes: number;
};

type Archive = {
  readonly file: RandomAccess;
  /** Of the file, or of the entry it is. */
  readonly path: string;
  /** Path inside the outermost file; empty for that file itself. */
  readonly inside: string;
  readonly depth: number;
  readonly heldBytes: number;
};

function parseJavaArchive(file: FileView): FileFindings {
  const walk: Walk = { components: [], problems: [], archives: 0, unpackedBytes: 0 };
  // Other formats use the rarer extensions too (RAR, Perl): without a zip's marks they are theirs.
  if (!file.path.endsWith('.jar') && !file.path.endsWith('.war') && !startsAsZip(file)) return {};
  readArchive(walk, { file, path: file.path, inside: '', depth: 1, heldBytes: 0 });
  const { components, problems } = walk;
  return {
    ...(components.length > 0 && { components }),
    ...(problems.length > 0 && { problems }),
  };
}

function startsAsZip(file: RandomAccess): boolean {
  const [first, second] = file.read(0, 2);
  return first === 0x50 && second === 0x4b;
}

function report(walk: Walk, place: string, message: string): void {
  if (walk.problems.length === PROBLEMS_MAX) walk.problems.push('Further problems are left out.');
  if (walk.problems.length > PROBLEMS_MAX) return;
  walk.problems.push(place === '' ? message : `In ${place.slice(0, 300)}: ${message}`);
}

function readArchive(walk: Walk, archive: Archive): void {
  walk.archives += 1;
  // An archive's entries are let go before the archives in it are read: levels do not add up.
  for (const entry of readOneArchive(walk, archive)) readNested(walk, archive, entry);
}

/** Reads an archive apart from the archives in it, and answers with those. */
function readOneArchive(walk: Walk, archive: Archive): readonly ZipEntry[] {
  let entries: readonly ZipEntry[] = [];
  try {
    entries = readZipDirectory(archive.file);
  } catch (error) {
    report(walk, archive.inside, publicMessage(error));
  }
  const { nested, ...evidence } = readEvidence(walk, archive, entries);
  const identity = identifyArchive({ path: archive.path, ...evidence });
  if (identity.own !== undefined) {
    add(walk, { component: identity.own, ...insideOf(archive.inside) });
  }
  for (const { component, folder } of identity.contained) {
    add(walk, { component, ...insideOf(join(archive.inside, folder)) });
  }
  return nested;
}

function add(walk: Walk, found: FoundComponent): void {
  if (walk.components.length < COMPONENTS_MAX) walk.components.push(found);
}

function insideOf(inside: string): { readonly inside?: string } {
  return inside === '' ? {} : { inside };
}

function join(inside: string, name: string): string {
  return inside === '' ? name : `${inside}!/${name}`;
}

type Evidence = {
  readonly manifest: Manifest;
  readonly poms: ReadonlyMap<string, Pom>;
  readonly classFolders: ReadonlyMap<string, number>;
  readonly nested: readonly ZipEntry[];
};

function readEvidence(walk: Walk, archive: Archive, entries: readonly ZipEntry[]): Evidence {
  const poms = new Map<string, Pom>();
  const classFolders = new Map<string, number>();
  const nested: ZipEntry[] = [];
  let manifest: Manifest = new Map();
  const read = (entry: ZipEntry, bytesMax: number): Buffer | undefined => {
    try {
      const bytes = readZipEntry(archive.file, entry, bytesMax);
      walk.unpackedBytes += bytes.length;
      return bytes;
    } catch (error) {
      report(walk, join(archive.inside, entry.name), publicMessage(error));
      return undefined;
    }
  };
  for (const entry of entries) {
    const { name } = entry;
    if (name.endsWith('.class')) countClass(classFolders, name);
    else if (isArchiveName(name)) {
      if (nested.length <= ARCHIVES_MAX) nested.push(entry);
    } else if (name.toUpperCase() === 'META-INF/MANIFEST.MF') {
      manifest = parseManifest(read(entry, MANIFEST_BYTES_MAX) ?? Buffer.alloc(0));
    } else if (isMavenFile(name, 'pom.properties')) {
      const bytes = read(entry, PROPERTIES_BYTES_MAX);
      if (bytes !== undefined) addPom(poms, name, parsePomProperties(bytes));
    } else if (isMavenFile(name, 'pom.xml')) {
      const bytes = read(entry, POM_BYTES_MAX);
      if (bytes !== undefined) addPom(poms, name, parsePomXml(bytes));
    }
  }
  return { manifest, poms, classFolders, nested };
}

/** `META-INF/maven/group/artifact/pom.properties`, also below WEB-INF/classes, or at the top. */
function isMavenFile(name: string, file: string): boolean {
  if (name === file) return true;
  return name.endsWith(`/${file}`) && name.includes('META-INF/maven/');
}

/** Properties hold resolved values and go first; the XML fills what they leave out. */
function addPom(poms: Map<string, Pom>, name: string, pom: Pom): void {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const other = poms.get(folder);
  const [first, second] = name.endsWith('.xml') ? [other, pom] : [pom, other];
  poms.set(folder, {
    group: first?.group || second?.group || '',
    artifact: first?.artifact || second?.artifact || '',
    version: first?.version || second?.version || '',
    licences: first?.licences.length ? first.licences : (second?.licences ?? []),
  });
}

const CLASS_ROOT = /^(?:META-INF\/versions\/\d{1,3}|BOOT-INF\/classes|WEB-INF\/classes)\//;

function countClass(classFolders: Map<string, number>, name: string): void {
  const path = name.replace(CLASS_ROOT, '');
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  classFolders.set(folder, (classFolders.get(folder) ?? 0) + 1);
}

function readNested(walk: Walk, archive: Archive, entry: ZipEntry): void {
  const inside = join(archive.inside, entry.name);
  if (archive.depth === DEPTH_MAX) {
    report(walk, inside, `Archives nested deeper than ${DEPTH_MAX} are not read.`);
    return;
  }
  if (walk.archives === ARCHIVES_MAX) {
    report(walk, '', `More than ${ARCHIVES_MAX} nested archives are not read.`);
    walk.archives += 1;
  }
  if (walk.archives > ARCHIVES_MAX) return;
  const next = { path: entry.name, inside, depth: archive.depth + 1 };
  try {
    const stored = storedZipEntry(archive.file, entry);
    if (stored !== undefined) {
      readArchive(walk, { ...next, file: stored, heldBytes: archive.heldBytes });
      return;
    }
    const spare = UNPACKED_BYTES_MAX - walk.unpackedBytes;
    const bytesMax = Math.max(0, Math.min(HELD_BYTES_MAX - archive.heldBytes, spare));
    const bytes = readZipEntry(archive.file, entry, bytesMax);
    walk.unpackedBytes += bytes.length;
    const heldBytes = archive.heldBytes + bytes.length;
    readArchive(walk, { ...next, file: fileOfBytes(bytes), heldBytes });
  } catch (error) {
    report(walk, inside, publicMessage(error));
  }
}
