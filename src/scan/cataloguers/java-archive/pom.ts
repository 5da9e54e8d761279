/** What an archive's Maven files say; a field is empty where they say nothing usable. */
export type Pom = {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly licences: readonly string[];
};

const LICENCES_MAX = 20;
const ELEMENTS_MAX = 200_000;
const DEPTH_MAX = 64;
const NAME = /^[A-Za-z0-9_][\w.-]{0,254}$/;
const VERSION = /^[A-Za-z0-9_][\w.+~-]{0,127}$/;

/** An identifier that a coordinate may be made of: placeholders and prose are none. */
export function asIdentifier(text: string | undefined): string {
  const trimmed = text?.trim() ?? '';
  return NAME.test(trimmed) ? trimmed : '';
}

export function asVersion(text: string | undefined): string {
  const trimmed = text?.trim() ?? '';
  return VERSION.test(trimmed) && /\d/.test(trimmed) ? trimmed : '';
}

/** Reads a pom.properties, which the Maven archiver writes with the three coordinates. */
export function parsePomProperties(bytes: Buffer): Pom {
  const values = new Map<string, string>();
  for (const line of bytes.toString('utf8').split(/\r\n|\n|\r/)) {
    const match = /^\s{0,20}(groupId|artifactId|version)\s{0,20}[=:](.{0,500})$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], match[2]);
  }
  return {
    group: asIdentifier(values.get('groupId')),
    artifact: asIdentifier(values.get('artifactId')),
    version: asVersion(values.get('version')),
    licences: [],
  };
}

/** Reads the coordinates and licences of a pom.xml; group and version may come from its parent. */
export function parsePomXml(bytes: Buffer): Pom {
  const values = new Map<string, string>();
  const licences: string[] = [];
  readXmlText(bytes.toString('utf8'), (path, text) => {
    if (path === 'project/licenses/license/name') {
      if (licences.length < LICENCES_MAX && text.length < 500) licences.push(text);
    } else if (!values.has(path)) values.set(path, text);
  });
  const valueOf = (name: string): string | undefined =>
    values.get(`project/${name}`) ?? values.get(`project/parent/${name}`);
  return {
    group: asIdentifier(valueOf('groupId')),
    artifact: asIdentifier(values.get('project/artifactId')),
    version: asVersion(valueOf('version')),
    licences,
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/**
 * Hands out the text of elements down to four levels, one pass, no entities but XML's own five: a
 * pom needs no more, and what expands nothing cannot be made to explode.
 */
function readXmlText(xml: string, visit: (path: string, text: string) => void): void {
  const open: string[] = [];
  let textStart = 0;
  let at = xml.indexOf('<');
  for (let count = 0; at !== -1 && count < ELEMENTS_MAX; count += 1) {
    const end = endOfMarkup(xml, at);
    if (end === -1) return;
    const markup = xml.slice(at + 1, end);
    if (markup.startsWith('/')) {
      const text = xml.slice(textStart, at).trim();
      if (open.length <= 4 && text !== '' && !text.includes('<')) {
        visit(
          open.join('/'),
          text.replace(/&(?:lt|gt|quot|apos|amp);/g, (it) => ENTITIES[it] ?? it),
        );
      }
      open.pop();
    } else if (!markup.startsWith('!') && !markup.startsWith('?') && !markup.endsWith('/')) {
      if (open.length === DEPTH_MAX) return;
      open.push(/^[^\s/>]{1,100}/.exec(markup)?.[0] ?? '');
      textStart = end + 1;
    }
    at = xml.indexOf('<', end);
  }
}

function endOfMarkup(xml: string, at: number): number {
  if (xml.startsWith('<!--', at)) {
    const end = xml.indexOf('-->', at + 4);
    return end === -1 ? -1 : end + 2;
  }
  if (xml.startsWith('<![CDATA[', at)) {
    const end = xml.indexOf(']]>', at + 9);
    return end === -1 ? -1 : end + 2;
  }
  return xml.indexOf('>', at + 1);
}
