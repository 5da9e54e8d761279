import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repositoryRoot } from './files.ts';

// The linter's own configuration can go silent (a renamed rule, a type-aware rule without types),
// so it is shown one bad example of every rule this project leans on.
const examples: Readonly<Record<string, string>> = {
  'src/model/floating.ts': 'export const go = async () => 1;\ngo();\n',
  'src/model/any.ts': 'export const value: any = 1;\n',
  'src/model/equal.ts': 'export const same = (a: number, b: number) => a == b;\n',
  'src/model/noise.ts': "console.log('x');\nexport const noise = 1;\n",
  'src/model/types.ts': "import { Kind } from './kind.ts';\nexport const k: Kind = 1;\n",
  'src/model/kind.ts': 'export type Kind = number;\n',
  'src/model/one.ts': "import { two } from './two.ts';\nexport const one = () => two;\n",
  'src/model/two.ts': "import { one } from './one.ts';\nexport const two = () => one;\n",
  'src/model/default.ts': 'export default 1;\n',
  'src/model/long.ts': `export function long() {\n${'  Math.abs(1);\n'.repeat(71)}}\n`,
  'src/model/file.ts': `${'export {};\n'.repeat(501)}`,
  'src/a.test.ts': "import { it } from 'vitest';\nit.only('a', () => {});\n",
  'tools/console.ts': "console.log('a tool may print');\nexport const a = 1;\n",
};

let folder = '';
let found: readonly string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wharfinger-lint-'));
  // The type-aware half is looked for beside the code that is checked.
  symlinkSync(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'));
  copyFileSync(join(repositoryRoot, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const compilerOptions = { strict: true, module: 'nodenext', allowImportingTsExtensions: true };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, noEmit: true } }),
  );
  for (const [path, text] of Object.entries(examples)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  found = lint(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lint(where: string): readonly string[] {
  const oxlint = join(repositoryRoot, 'node_modules/oxlint/bin/oxlint');
  let output: string;
  try {
    output = execFileSync(process.execPath, [oxlint, '-f', 'unix', 'src', 'tools'], {
      cwd: where,
      encoding: 'utf8',
      timeout: 30_000,
    });
  } catch (error) {
    output = String((error as { stdout?: unknown }).stdout);
  }
  return output.split('\n');
}

it.each([
  ['src/model/floating.ts', 'no-floating-promises'],
  ['src/model/any.ts', 'no-explicit-any'],
  ['src/model/equal.ts', 'eqeqeq'],
  ['src/model/noise.ts', 'no-console'],
  ['src/model/types.ts', 'consistent-type-imports'],
  ['src/model/one.ts', 'no-cycle'],
  ['src/model/default.ts', 'no-default-export'],
  ['src/model/long.ts', 'max-lines-per-function'],
  ['src/model/file.ts', 'max-lines'],
  ['src/a.test.ts', 'no-focused-tests'],
])('the linter finds in %s what %s forbids', (path, rule) => {
  expect(found.filter((line) => line.includes(path)).join('\n')).toContain(rule);
});

it('the linter lets tools print', () => {
  expect(found.filter((line) => line.includes('tools/console.ts'))).toEqual([]);
});
