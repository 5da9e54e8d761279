/** What the file name of an archive says: `netty-transport-4.1.1.Final-linux-x86_64.jar`. */
export type ArchiveName = {
  readonly name: string;
  /** Empty when the name states none. */
  readonly version: string;
  readonly classifier?: string;
};

const NAME_LENGTH_MAX = 255;
/** Words that belong to the version they follow, by Maven's and common practice. */
const QUALIFIERS =
  'alpha beta milestone cr rc m b build snapshot final ga sp release pre preview ea dev jre android ' +
  'incubating incubator redhat jbossorg vaadin patch hotfix r rev v java jdk hadoop spark scala ' +
  'groovy rebuild fuse wso2 atlassian brew ubuntu debian dfsg ds oss ce ee lts next post p u';
const QUALIFIER = new RegExp(`^(?:${QUALIFIERS.replaceAll(' ', '|')})\\d*(?:[._]\\w*)*$`, 'i');
const STARTS_WITH_DIGIT = /^\d/;
const VERSION_START = /[-_]v?(?=\d)/gi;
const VERSION = /^\d[\w.+-]*$/;

/**
 * Splits a file name into name, version and classifier. The version starts at the first number
 * after which only version words and classifiers follow: `log4j-1.2-api-2.17.1` is version 2.17.1
 * of `log4j-1.2-api`. OSGi names join by an underscore: `org.eclipse.osgi_3.18.0`.
 */
export function parseArchiveName(path: string): ArchiveName {
  const file = path.slice(path.lastIndexOf('/') + 1).slice(0, NAME_LENGTH_MAX);
  const dot = file.lastIndexOf('.');
  const base = dot > 0 ? file.slice(0, dot) : file;
  let last: ArchiveName | undefined;
  for (const match of base.matchAll(VERSION_START)) {
    if (match.index === 0) continue;
    // A Scala version or an API level is part of the name: `kafka_2.13-3.6.2`, `storage-v2-2.36.1`.
    if (match[0] !== '-' && /^\d+(?:\.\d+)?[-_]v?\d/.test(rest(base, match))) continue;
    // So is a lone number before a full version: `flink-shaded-asm-9-9.5`.
    if (/^\d+-\d+\./.test(rest(base, match))) continue;
    const split = splitVersion(rest(base, match));
    if (split === undefined) continue;
    last = { name: base.slice(0, match.index), ...split.parts };
    if (split.isClean) return last;
  }
  return last ?? { name: base, version: '' };
}

function rest(base: string, match: RegExpExecArray): string {
  return base.slice(match.index + match[0].length);
}

type VersionSplit = {
  readonly parts: Omit<ArchiveName, 'name'>;
  /** No number follows a word that is no version word: nothing later can be the version. */
  readonly isClean: boolean;
};

function splitVersion(text: string): VersionSplit | undefined {
  const words = text.split('-');
  if (!VERSION.test(words[0] ?? '')) return undefined;
  let versionWords = 1;
  while (versionWords < words.length && isVersionWord(words[versionWords] ?? '')) versionWords += 1;
  const tail = words.slice(versionWords);
  const classifier = tail.join('-');
  return {
    parts: {
      version: words.slice(0, versionWords).join('-'),
      ...(classifier !== '' && { classifier }),
    },
    isClean: !tail.some((word) => STARTS_WITH_DIGIT.test(word)),
  };
}

function isVersionWord(word: string): boolean {
  return STARTS_WITH_DIGIT.test(word) || QUALIFIER.test(word);
}
