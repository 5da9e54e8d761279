import { posix } from 'node:path';
import { isTest, type SourceFile, type Untidy } from './files.ts';

const pluginKinds = [
  { kind: 'cataloguer', folder: 'src/scan/cataloguers' },
  { kind: 'connector', folder: 'src/connectors' },
  { kind: 'check', folder: 'src/checks' },
  { kind: 'gate', folder: 'src/gates' },
] as const;

/**
 * Every plug-in folder is imported by the list of its kind, and named in docs/<kind>s.md as soon
 * as that page exists. A plug-in that nothing lists is dead code that looks alive.
 */
export function findUnlistedPlugins(files: readonly SourceFile[]): readonly Untidy[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return pluginKinds.flatMap(({ kind, folder }) => {
    const list = texts.get(`${folder}/list.ts`) ?? '';
    const page = texts.get(`docs/${kind}s.md`);
    return foldersBelow(files, folder).flatMap((name) => {
      const path = `${folder}/${name}`;
      const unlisted = !list.includes(`'./${name}/`);
      const undocumented = page !== undefined && !page.includes(`\`${name}\``);
      return [
        ...(unlisted ? [{ path, problem: `not in ${folder}/list.ts` }] : []),
        ...(undocumented ? [{ path, problem: `not named in docs/${kind}s.md` }] : []),
      ];
    });
  });
}

function foldersBelow(files: readonly SourceFile[], folder: string): readonly string[] {
  const below = files.filter(({ path }) => path.startsWith(`${folder}/`));
  const names = below.map(({ path }) => path.slice(folder.length + 1).split('/'));
  return [...new Set(names.flatMap(([name, ...rest]) => (name && rest.length > 0 ? [name] : [])))];
}

/** Relative links in Markdown lead to something; `exists` is asked with a path from the root. */
export function findDeadLinks(
  files: readonly SourceFile[],
  exists: (path: string) => boolean,
): readonly Untidy[] {
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].flatMap((match) => {
        const target = decodeURI((match[1] ?? '').split('#')[0] ?? '');
        if (target === '' || /^[a-z][a-z+.-]*:/i.test(target)) return [];
        const found = exists(posix.join(posix.dirname(path), target));
        return found ? [] : [{ path, problem: `a link to ${target}, which does not exist` }];
      }),
    );
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

const ledgerRow = /^\|\s*([A-Z]\d{2,3})\b/;

/**
 * docs/capabilities.md: each row names a test as `path.test.ts › name of the test`; the file is
 * there and says that name.
 */
export function findUnprovenCapabilities(files: readonly SourceFile[]): readonly Untidy[] {
  const path = 'docs/capabilities.md';
  const ledger = files.find((file) => file.path === path);
  const tests = new Map(files.filter((file) => isTest(file.path)).map((f) => [f.path, f.text]));
  return (ledger?.text ?? '').split('\n').flatMap((line, index) => {
    const row = ledgerRow.exec(line)?.[1];
    if (row === undefined) return [];
    const named = [...line.matchAll(/`([^`\s]+\.test\.tsx?)(?: › ([^`]+))?`/g)];
    if (named.length === 0) return [{ path, line: index + 1, problem: `${row} names no test` }];
    return named.flatMap(([, file = '', name]) => {
      const text = tests.get(file);
      if (text === undefined) return [{ path, line: index + 1, problem: `no test file ${file}` }];
      if (name === undefined || text.replaceAll("\\'", "'").includes(name)) return [];
      return [{ path, line: index + 1, problem: `${file} has no test “${name}”` }];
    });
  });
}

/** Every operation of the published API stands in the golden table of roles. */
export function findUnlistedRoutes(openapi: string, roleTable: string): readonly Untidy[] {
  const document = JSON.parse(openapi) as { paths?: Record<string, Record<string, unknown>> };
  const methods = new Set(['get', 'put', 'post', 'delete', 'patch', 'head']);
  return Object.entries(document.paths ?? {}).flatMap(([route, operations]) =>
    Object.keys(operations)
      .filter((method) => methods.has(method))
      .map((method) => `${method.toUpperCase()} ${route}`)
      .filter((operation) => !mentions(roleTable, operation))
      .map((operation) => ({ path: 'openapi/v1.json', problem: `${operation} has no role row` })),
  );
}

function mentions(table: string, operation: string): boolean {
  const [method = '', route = ''] = operation.split(' ');
  const colons = route.replaceAll('{*}', '*').replaceAll(/\{(\w+)\}/g, ':$1');
  return table
    .split('\n')
    .map((line) => line.split(/[\s|`]+/))
    .some((cells) => cells.includes(method) && (cells.includes(route) || cells.includes(colons)));
}
