import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findForbiddenImports, findSliceCircles, listImports } from './tidy/arrows.ts';
import {
  describeUntidy,
  isCode,
  readSourceFiles,
  repositoryRoot,
  type SourceFile,
  type Untidy,
} from './tidy/files.ts';
import {
  findDeadLinks,
  findUnlistedPlugins,
  findUnlistedRoutes,
  findUnprovenCapabilities,
} from './tidy/ledgers.ts';
import { findIncompleteLockFile, type LockFile } from './tidy/lock-file.ts';
import { findHomelessTables, findTouchedTables } from './tidy/tables.ts';
import {
  findBareSkips,
  findEmptyNames,
  findLongFiles,
  findLongLines,
  findMachineTraces,
  findResolvedAddresses,
  findUnexplainedMarkers,
} from './tidy/text.ts';

// A check over nothing passes. These grow with the repository; raise them when it has doubled.
const codeFilesMin = 40;
const importsMin = 60;

const expectTidy = (found: readonly Untidy[]): void => expect(describeUntidy(found)).toEqual([]);

const lockFile = (): string => readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8');

describe('the repository is tidy', () => {
  let files: readonly SourceFile[] = [];
  const textOf = (path: string): string | undefined =>
    files.find((file) => file.path === path)?.text;

  beforeAll(() => {
    files = readSourceFiles();
    expect(files.filter(({ path }) => isCode(path)).length).toBeGreaterThan(codeFilesMin);
    expect(listImports(files).length).toBeGreaterThan(importsMin);
  });

  it('imports only along the arrows of the layout', () => {
    expectTidy(findForbiddenImports(files));
  });

  it('has no slices in a circle', () => {
    expectTidy(findSliceCircles(files));
  });

  it('lists and documents every plug-in', () => {
    expectTidy(findUnlistedPlugins(files));
  });

  it('keeps every table in the schema of one slice', () => {
    expectTidy(findHomelessTables(files));
  });

  it("touches no other slice's table", () => {
    expectTidy(findTouchedTables(files));
  });

  it('has every published route in the table of roles', () => {
    const openapi = textOf('openapi/v1.json');
    const roleTable = files.find(({ path }) => /(?:^|\/)role-table\.(?:md|txt)$/.test(path));
    // A server without a table of roles is caught here once its API is published.
    if (openapi === undefined) return expect(roleTable).toBeUndefined();
    expectTidy(findUnlistedRoutes(openapi, roleTable?.text ?? ''));
  });

  it('has a live target for every link in its documents', () => {
    expectTidy(findDeadLinks(files, (path) => existsSync(join(repositoryRoot, path))));
  });

  it('names only tests that exist in the ledger of capabilities', () => {
    expectTidy(findUnprovenCapabilities(files));
  });

  it('has no line over 100 columns and no file over 500 lines', () => {
    expectTidy([...findLongLines(files), ...findLongFiles(files)]);
  });

  it('has no unfinished work without an issue, no suppression without a reason', () => {
    expectTidy(findUnexplainedMarkers(files));
  });

  it('leaves no test out for good', () => {
    expectTidy(findBareSkips(files));
  });

  it('has no names that say nothing', () => {
    expectTidy(findEmptyNames(files));
  });

  it('carries no trace of the machine it was written on', () => {
    expectTidy(findMachineTraces(files));
    expectTidy(findResolvedAddresses(lockFile()));
  });

  it('has a lock file that npm ci takes on every platform', () => {
    expectTidy(findIncompleteLockFile(JSON.parse(lockFile()) as LockFile));
  });
});
