import { lineOf, type SourceFile, type Untidy } from './files.ts';

// Schemas that belong to no slice: the platform's own bookkeeping.
const platformSchemas = new Set(['platform']);

type Table = { readonly schema: string; readonly table: string; readonly path: string };

/** Every table lies in the schema of one slice (`third-parties` → `third_parties`). */
export function findHomelessTables(files: readonly SourceFile[]): readonly Untidy[] {
  const slices = new Set(files.flatMap(({ path }) => sliceSchema(path) ?? []));
  return statements(files).flatMap(({ path, text, match }) => {
    const [schema, table] = (match[1] ?? '').replaceAll('"', '').split('.');
    const line = lineOf(text, match.index);
    if (table === undefined) return [{ path, line, problem: `${schema} is in no slice's schema` }];
    if (slices.has(schema ?? '') || platformSchemas.has(schema ?? '')) return [];
    return [{ path, line, problem: `no slice src/features/${schema} for ${schema}.${table}` }];
  });
}

/** SQL of one slice that reads or writes a table of another; views are what others may join. */
export function findTouchedTables(files: readonly SourceFile[]): readonly Untidy[] {
  const tables = listTables(files);
  return files.flatMap(({ path, text }) => {
    const own = sliceSchema(path);
    if (own === undefined || path.endsWith('.test.ts')) return [];
    return tables
      .filter(({ schema }) => schema !== own)
      .flatMap(({ schema, table }) => {
        const touch = new RegExp(
          `(?:\\b(?:from|join|into|update|table|only)\\s+|['"])"?${schema}"?\\."?${table}\\b`,
          'i',
        ).exec(text);
        if (!touch) return [];
        const problem = `touches ${schema}.${table}: ask for a view or the slice's door`;
        return [{ path, line: lineOf(text, touch.index), problem }];
      });
  });
}

export function listTables(files: readonly SourceFile[]): readonly Table[] {
  return statements(files).flatMap(({ path, match }) => {
    const [schema, table] = (match[1] ?? '').replaceAll('"', '').split('.');
    return schema && table ? [{ schema, table, path }] : [];
  });
}

function statements(files: readonly SourceFile[]) {
  const create =
    /^\s*create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?((?:"?\w+"?\.)?"?\w+"?)(?!\s+partition\s+of)/gim;
  return files
    .filter(({ path }) => /^migrations\/[^/]+\.sql$/.test(path) && !path.endsWith('/schema.sql'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(create)].map((match) => ({ path, text, match })),
    );
}

function sliceSchema(path: string): string | undefined {
  return /^src\/features\/([^/]+)\//.exec(path)?.[1]?.replaceAll('-', '_');
}
