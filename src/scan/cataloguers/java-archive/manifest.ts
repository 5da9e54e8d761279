/** The main attributes of a META-INF/MANIFEST.MF, by lower-case name. */
export type Manifest = ReadonlyMap<string, string>;

const ATTRIBUTES_MAX = 500;
const VALUE_LENGTH_MAX = 64 * 1024;

/**
 * Reads the attributes of a manifest ("JAR File Specification"): `Name: value` lines of at most 72
 * bytes, continued by lines that begin with a space. Attributes of the first named section count
 * where the main section lacks them, as old builds put an archive's title and version there.
 */
export function parseManifest(bytes: Buffer): Manifest {
  const attributes = new Map<string, string>();
  let section = 0;
  let name = '';
  for (const line of linesOf(bytes)) {
    if (line === '') {
      section += 1;
      name = '';
      // Further sections hold digests of signed files, one for each class.
      if (section === 2 || attributes.size >= ATTRIBUTES_MAX) break;
      continue;
    }
    if (line.startsWith(' ')) {
      const value = attributes.get(name);
      if (name !== '' && value !== undefined && value.length < VALUE_LENGTH_MAX) {
        attributes.set(name, value + line.slice(1));
      }
      continue;
    }
    const colon = line.indexOf(':');
    const key = colon > 0 ? line.slice(0, colon).trim().toLowerCase() : '';
    name = key === '' || attributes.has(key) ? '' : key;
    if (name !== '') attributes.set(name, line.slice(colon + 1).trim());
  }
  return attributes;
}

/** Lines end in CR LF, LF or CR; only the head of the file is decoded, as signed ones are long. */
function linesOf(bytes: Buffer): string[] {
  return bytes.toString('utf8', 0, 512 * 1024).split(/\r\n|\n|\r/);
}
