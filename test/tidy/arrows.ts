import { posix } from 'node:path';
import { isCode, isTest, lineOf, type SourceFile, type Untidy } from './files.ts';

type Import = { readonly from: string; readonly to: string; readonly line: number };

const contract = /^src\/features\/([^/]+)\/\1-contract\.ts$/;
// Plug-ins are known by their contract file, which lies beside the folders, never by their list.
const pluginContract = (folder: string): RegExp =>
  new RegExp(`^src/${folder}/(?!list\\.ts$)[^/]+\\.ts$`);

/**
 * What each folder may import besides itself, as DESIGN.md's Layout draws it. Type imports count:
 * a type that is needed below belongs below.
 */
export const allowedImports: Readonly<Record<string, readonly RegExp[]>> = {
  'src/model': [],
  'src/formats': [/^src\/model\//],
  'src/matching': [/^src\/model\//, /^src\/formats\//],
  'src/checks': [/^src\/model\//],
  'src/scan': [/^src\/model\//, /^src\/formats\//],
  'src/platform': [/^src\/model\//],
  'src/connectors': [
    /^src\/model\//,
    /^src\/formats\//,
    /^src\/platform\//,
    // Of scan only what an image source is: connectors read bytes, they catalogue nothing.
    /^src\/scan\/[^/]*source[^/]*\.ts$/,
  ],
  'src/features': [
    /^src\/(?:model|formats|matching|platform)\//,
    /^src\/scan\/(?!cataloguers\/)/,
    pluginContract('checks'),
    pluginContract('connectors'),
  ],
  'src/gates': [/^src\/model\//, /^src\/platform\//],
  // Contracts are made of model's words already, so the client may use them too.
  'src/client': [contract, /^src\/model\//],
  'src/app': [
    /^src\/(?:model|formats|matching|checks|scan|platform|connectors|features|gates|client)\//,
  ],
  'src/cli': [/^src\//],
  web: [/^src\/client\//, /^src\/model\/(endpoint|errors|page|roles)\.ts$/, contract],
  bench: [/^src\//, /^test\/harness\//],
  test: [/^src\//, /^tools\//, /^web\//, /^bench\//],
  tools: [/^src\//, /^test\//],
};

/** Imports that point against the arrows of the layout. */
export function findForbiddenImports(files: readonly SourceFile[]): readonly Untidy[] {
  return listImports(files).flatMap((found) => {
    const problem = forbidden(found);
    return problem === undefined ? [] : [{ path: found.from, line: found.line, problem }];
  });
}

function forbidden({ from, to }: Import): string | undefined {
  if (isTest(from)) return undefined;
  const area = areaOf(from);
  const allowed = area === undefined ? undefined : allowedImports[area];
  if (area === undefined || allowed === undefined) return undefined;
  if (contract.test(from) && !contract.test(to) && !to.startsWith('src/model/')) {
    return `a contract goes into the browser, so it may not import ${to}, only model and contracts`;
  }
  if (area !== areaOf(to)) {
    return allowed.some((pattern) => pattern.test(to)) ? undefined : `${area} may not import ${to}`;
  }
  const [own, other] = [sliceOf(from), sliceOf(to)];
  if (other === undefined || own === other || isDoor(to)) return undefined;
  return `${to} is inside another slice: import its door ${other}.ts or ${other}-contract.ts`;
}

/**
 * Circles of slices: each entry names the way round. Contracts are shapes, so they do not count.
 */
export function findSliceCircles(files: readonly SourceFile[]): readonly Untidy[] {
  const uses = new Map<string, Set<string>>();
  for (const { from, to } of listImports(files)) {
    const [own, other] = [sliceOf(from), sliceOf(to)];
    if (own === undefined || other === undefined || own === other) continue;
    if (isTest(from) || contract.test(to)) continue;
    uses.set(own, (uses.get(own) ?? new Set()).add(other));
  }
  for (const start of uses.keys()) {
    const circle = findWayBack(uses, start);
    if (circle) {
      return [{ path: `src/features/${start}`, problem: `slices in a circle: ${circle}` }];
    }
  }
  return [];
}

function findWayBack(uses: Map<string, Set<string>>, start: string): string | undefined {
  const seen = new Set<string>();
  const open = [[start]];
  for (let way = open.pop(); way !== undefined; way = open.pop()) {
    for (const next of uses.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return [...way, start].join(' → ');
      if (!seen.has(next)) open.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}

/** Relative imports, exports and dynamic imports of every code file, resolved to paths. */
export function listImports(files: readonly SourceFile[]): readonly Import[] {
  const statement =
    /^(?:import|export)\s(?:[^;'"]*?\sfrom\s+)?['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/gm;
  return files
    .filter(({ path }) => isCode(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(statement)].map((match) => ({
        from: path,
        to: posix.join(posix.dirname(path), match[1] ?? match[2] ?? ''),
        line: lineOf(text, match.index),
      })),
    );
}

function areaOf(path: string): string | undefined {
  const [top = '', second = ''] = path.split('/');
  if (top === 'src') return `src/${second}`;
  return path.includes('/') ? top : undefined;
}

function sliceOf(path: string): string | undefined {
  return /^src\/features\/([^/]+)\//.exec(path)?.[1];
}

function isDoor(path: string): boolean {
  return /^src\/features\/([^/]+)\/\1(?:-contract)?\.ts$/.test(path);
}
