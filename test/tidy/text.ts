import { isCode, isTest, type SourceFile, type Untidy } from './files.ts';

export const columnsMax = 100;
// A sentence in a string is not broken for the margin's sake alone.
const columnsMaxWithString = 120;
export const linesMax = 500;

// schema.sql is written by a tool from what the migrations made.
const measured = /^(?!migrations\/schema\.sql$).*\.(?:ts|tsx|css|sql|sh)$/;
// A word longer than this cannot be broken: an address, a digest.
const unbreakableColumns = 70;

/** Lines over 100 columns, unless one unbreakable word makes them so. */
export function findLongLines(files: readonly SourceFile[]): readonly Untidy[] {
  return eachLine(files, ({ path }, line) => {
    if (!measured.test(path) || line.length <= columnsMax) return undefined;
    if (line.split(/\s+/).some((word) => word.length > unbreakableColumns)) return undefined;
    if (line.length <= columnsMaxWithString && /['"`].{20}/.test(line)) return undefined;
    return /https?:\/\//.test(line) ? undefined : `${line.length} columns, over ${columnsMax}`;
  });
}

export function findLongFiles(files: readonly SourceFile[]): readonly Untidy[] {
  return files
    .filter(({ path, text }) => measured.test(path) && text.split('\n').length > linesMax + 1)
    .map(({ path }) => ({ path, problem: `over ${linesMax} lines: split it by meaning` }));
}

// Written in pieces so that this file does not find itself.
const marker = new RegExp(`\\b(?:${['TO', 'FIX'].join('DO|')}ME|HA${'CK'})\\b(?!\\(#\\d+\\))`);
const suppression =
  /(?:biome-ignore|(?:oxlint|eslint)-disable(?:-next-line|-line)?|@ts-expect-error)\b(.*)/;
const reasonLengthMin = 12;

/** Markers of unfinished work need the id of an issue; suppressions need a reason. */
export function findUnexplainedMarkers(files: readonly SourceFile[]): readonly Untidy[] {
  return eachLine(files, ({ path }, line) => {
    if (!measured.test(path) || path.startsWith('test/tidy/')) return undefined;
    if (marker.test(line)) return 'a marker of unfinished work without the id of an issue: (#12)';
    if (/@ts-ignore|@ts-nocheck/.test(line)) return 'use @ts-expect-error with a reason';
    const rest = suppression.exec(line)?.[1];
    if (rest === undefined) return undefined;
    const reason = /(?:--|:)\s*(.+)$/.exec(rest)?.[1] ?? '';
    return reason.length < reasonLengthMin ? 'a suppression without its reason' : undefined;
  });
}

/** Names that say nothing, and barrels. */
export function findEmptyNames(files: readonly SourceFile[]): readonly Untidy[] {
  const empty = /(?:^|\/)(?:utils?|shared|common|helpers?|misc)(?:\/|\.tsx?$)|(?:^|\/)index\.tsx?$/;
  return files
    .filter(({ path }) => empty.test(path))
    .map(({ path }) => ({ path, problem: 'name it after what it holds; no barrels' }));
}

const machinePath = new RegExp(`(?:^|[\\s"'\`(=:])/(?:${['work', 'root'].join('|')})/`);
const privateHost =
  /https?:\/\/(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|[\w.-]+\.(?:internal|corp|lan|local)\b)/;

/** Paths and addresses of the machine something was written on. */
export function findMachineTraces(files: readonly SourceFile[]): readonly Untidy[] {
  return eachLine(files, ({ path }, line) => {
    if (path.startsWith('test/tidy')) return undefined;
    if (machinePath.test(line)) return 'a path of one machine';
    // Tests must be able to say which private addresses are refused.
    return !isTest(path) && privateHost.test(line) ? 'an address of one network' : undefined;
  });
}

/** The lock file must not say where packages were fetched from. */
export function findResolvedAddresses(lockFile: string): readonly Untidy[] {
  const line = lockFile.split('\n').findIndex((text) => /"resolved":\s*"https?:/.test(text));
  if (line < 0) return [];
  return [{ path: 'package-lock.json', line: line + 1, problem: 'an address of a registry' }];
}

/**
 * Code that turns itself off in the suite: a test that is left out must say by name what it needs.
 */
export function findBareSkips(files: readonly SourceFile[]): readonly Untidy[] {
  return eachLine(files, ({ path }, line) =>
    isCode(path) && isTest(path) && /\b(?:it|test|describe)\.(?:skip|todo|skipIf)\(/.test(line)
      ? 'a test left out without saying how to get its part: use describeWith'
      : undefined,
  );
}

function eachLine(
  files: readonly SourceFile[],
  judge: (file: SourceFile, line: string) => string | undefined,
): readonly Untidy[] {
  return files.flatMap((file) =>
    file.text.split('\n').flatMap((text, index) => {
      const problem = judge(file, text);
      return problem === undefined ? [] : [{ path: file.path, line: index + 1, problem }];
    }),
  );
}
