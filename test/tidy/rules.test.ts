import { describe, expect, it } from 'vitest';
import { findForbiddenImports, findSliceCircles } from './arrows.ts';
import { describeUntidy, type SourceFile, type Untidy } from './files.ts';
import {
  findDeadLinks,
  findUnlistedPlugins,
  findUnlistedRoutes,
  findUnprovenCapabilities,
} from './ledgers.ts';
import { findIncompleteLockFile } from './lock-file.ts';
import { findHomelessTables, findTouchedTables } from './tables.ts';
import {
  findBareSkips,
  findEmptyNames,
  findLongFiles,
  findLongLines,
  findMachineTraces,
  findResolvedAddresses,
  findUnexplainedMarkers,
} from './text.ts';

const file = (path: string, ...lines: string[]): SourceFile => ({ path, text: lines.join('\n') });
const paths = (found: readonly Untidy[]): readonly string[] => found.map(({ path }) => path);

describe('arrows', () => {
  const from = (path: string, target: string) =>
    describeUntidy(findForbiddenImports([file(path, `import type { A } from '${target}';`)]));

  it('refuses an import against the arrow, even of a type', () => {
    expect(from('src/model/a.ts', '../platform/clock.ts')).toEqual([
      'src/model/a.ts:1: src/model may not import src/platform/clock.ts',
    ]);
  });

  it('allows an import along the arrow', () => {
    expect(from('src/platform/a.ts', '../model/errors.ts')).toEqual([]);
  });

  it('refuses an import that spans lines, a re-export and a dynamic import', () => {
    const text = [
      'import {',
      '  a,',
      "} from '../features/x/x.ts';",
      "export { b } from '../features/x/x.ts';",
      "const c = await import('../features/x/x.ts');",
    ];
    const found = findForbiddenImports([file('src/platform/a.ts', ...text)]);
    expect(found.map(({ line }) => line)).toEqual([1, 4, 5]);
  });

  it('opens another slice through its door only', () => {
    expect(from('src/features/a/a.ts', '../b/b.ts')).toEqual([]);
    expect(from('src/features/a/a.ts', '../b/b-contract.ts')).toEqual([]);
    expect(from('src/features/a/a.ts', '../b/b-store.ts')).toHaveLength(1);
  });

  it('lets features see the contract of a plug-in kind, not its plug-ins', () => {
    expect(from('src/features/a/a.ts', '../../connectors/connector.ts')).toEqual([]);
    expect(from('src/features/a/a.ts', '../../connectors/docker/docker.ts')).toHaveLength(1);
    expect(from('src/features/a/a.ts', '../../connectors/list.ts')).toHaveLength(1);
  });

  it('lets the web import client and contracts alone', () => {
    expect(from('web/src/a.tsx', '../../src/client/client.ts')).toEqual([]);
    expect(from('web/src/a.tsx', '../../src/features/a/a-contract.ts')).toEqual([]);
    expect(from('web/src/a.tsx', '../../src/features/a/a.ts')).toHaveLength(1);
  });

  it('keeps server code out of contracts', () => {
    expect(from('src/features/a/a-contract.ts', '../../model/page.ts')).toEqual([]);
    expect(from('src/features/a/a-contract.ts', '../../platform/clock.ts')).toHaveLength(1);
    expect(from('src/features/a/a-contract.ts', './a-store.ts')).toHaveLength(1);
  });

  it('finds slices that go in a circle over several doors', () => {
    const circle = [
      file('src/features/a/a.ts', "import { b } from '../b/b.ts';"),
      file('src/features/b/b-jobs.ts', "import { c } from '../c/c.ts';"),
      file('src/features/c/c.ts', "import { a } from '../a/a.ts';"),
    ];
    expect(findSliceCircles(circle)[0]?.problem).toContain('a → b → c → a');
    expect(findSliceCircles(circle.slice(1))).toEqual([]);
  });
});

describe('plug-ins', () => {
  const plugin = file('src/scan/cataloguers/dpkg/dpkg.ts', '');
  const list = file('src/scan/cataloguers/list.ts', "import { dpkg } from './dpkg/dpkg.ts';");

  it('finds a folder that the list does not import', () => {
    expect(findUnlistedPlugins([plugin, list])).toEqual([]);
    expect(findUnlistedPlugins([plugin])).toHaveLength(1);
  });

  it('finds a plug-in that the page of its kind does not name', () => {
    const page = file('docs/cataloguers.md', 'Only `apk`.');
    expect(findUnlistedPlugins([plugin, list, page])[0]?.problem).toContain('docs/cataloguers.md');
  });
});

describe('tables', () => {
  const slice = file('src/features/third-parties/third-parties.ts', '');
  const made = file('migrations/1.sql', 'create table third_parties.company (id text);');

  it('finds a table outside the schema of a slice', () => {
    expect(findHomelessTables([slice, made])).toEqual([]);
    expect(findHomelessTables([made])).toHaveLength(1);
    expect(findHomelessTables([file('migrations/2.sql', 'create table loose (a int);')])).toEqual([
      { path: 'migrations/2.sql', line: 1, problem: "loose is in no slice's schema" },
    ]);
  });

  it('finds SQL that touches the table of another slice, in SQL and in Kysely', () => {
    const raw = file('src/features/x/x-store.ts', 'sql`select 1 from third_parties.company`');
    const kysely = file('src/features/x/x-store.ts', ".selectFrom('third_parties.company')");
    const view = file('src/features/x/x-store.ts', ".selectFrom('third_parties.company_view')");
    expect(findTouchedTables([made, raw])).toHaveLength(1);
    expect(findTouchedTables([made, kysely])).toHaveLength(1);
    expect(findTouchedTables([made, view])).toEqual([]);
  });
});

describe('documents', () => {
  it('finds a dead link and leaves addresses, anchors and code alone', () => {
    const text = '[a](gone.md#x) [b](https://example.com) [c](#here) `[d](no.md)` [e](b.md)';
    const found = findDeadLinks([file('docs/a.md', text)], (path) => path === 'docs/b.md');
    expect(found.map(({ problem }) => problem)).toEqual([
      'a link to gone.md, which does not exist',
    ]);
  });

  it('finds a row of the ledger without a test, with a missing file or a missing name', () => {
    const ledger = file(
      'docs/capabilities.md',
      '| B01 | nothing |',
      '| B02 | `src/a.test.ts › keeps it` |',
      '| B05 | `src/a.test.ts › loses it` |',
      '| B06 | `src/b.test.ts` |',
    );
    const found = findUnprovenCapabilities([ledger, file('src/a.test.ts', "it('keeps it', …")]);
    expect(found.map(({ line }) => line)).toEqual([1, 3, 4]);
  });

  it('finds an operation that the table of roles lacks', () => {
    const openapi = '{"paths":{"/api/v1/a/{id}":{"get":{},"delete":{}}}}';
    const found = findUnlistedRoutes(openapi, '| GET | /api/v1/a/:id | viewer |');
    expect(found.map(({ problem }) => problem)).toEqual(['DELETE /api/v1/a/{id} has no role row']);
  });
});

describe('text', () => {
  const word = ['TO', 'DO'].join('');

  it('finds a long line, and lets an address pass', () => {
    expect(findLongLines([file('a.ts', 'a '.repeat(60))])).toHaveLength(1);
    expect(findLongLines([file('a.ts', `// https://example.com/${'a'.repeat(100)}`)])).toEqual([]);
  });

  it('finds a long file', () => {
    expect(findLongFiles([file('a.ts', '\n'.repeat(501))])).toHaveLength(1);
    expect(findLongFiles([file('a.ts', '\n'.repeat(500))])).toEqual([]);
  });

  it('finds unfinished work without an issue, and a bare suppression', () => {
    expect(findUnexplainedMarkers([file('a.ts', `// ${word}: later`)])).toHaveLength(1);
    expect(findUnexplainedMarkers([file('a.ts', `// ${word}(#12): later`)])).toEqual([]);
    expect(findUnexplainedMarkers([file('a.ts', '// @ts-expect-error')])).toHaveLength(1);
    expect(
      findUnexplainedMarkers([file('a.ts', '// @ts-expect-error: the type lacks the option')]),
    ).toEqual([]);
  });

  it('finds a test that is left out for good', () => {
    expect(findBareSkips([file('a.test.ts', `it${'.skip'}('x', () => {});`)])).toHaveLength(1);
  });

  it('finds a name that says nothing', () => {
    const bad = ['src/model/utils.ts', 'src/shared/a.ts', 'src/model/index.ts', 'web/helpers.tsx'];
    expect(paths(findEmptyNames(bad.map((path) => file(path))))).toEqual(bad);
    expect(findEmptyNames([file('src/model/page.ts')])).toEqual([]);
  });

  it('finds a path of a machine and an address of a private network', () => {
    expect(findMachineTraces([file('a.md', 'see /root/notes')])).toHaveLength(1);
    expect(findMachineTraces([file('a.md', 'http://10.1.2.3/npm')])).toHaveLength(1);
    expect(findMachineTraces([file('a.md', '/var/lib/x, http://localhost:7420')])).toEqual([]);
  });

  it('finds the address of a registry in the lock file', () => {
    expect(findResolvedAddresses('"resolved": "https://registry.example/a.tgz"')).toHaveLength(1);
    expect(findResolvedAddresses('"resolved": "web"')).toEqual([]);
  });

  it('finds a lock file that lacks the package of another platform', () => {
    const parent = { 'node_modules/a': { optionalDependencies: { 'a-darwin-arm64': '1.0.0' } } };
    const child = { 'node_modules/a-darwin-arm64': {} };
    expect(findIncompleteLockFile({ packages: parent })).toHaveLength(1);
    expect(findIncompleteLockFile({ packages: { ...parent, ...child } })).toEqual([]);
  });
});
