import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A committed text file: its path from the repository's root, with forward slashes. */
export type SourceFile = { readonly path: string; readonly text: string };

/** One broken rule, where it is broken, in words that say what to do. */
export type Untidy = { readonly path: string; readonly line?: number; readonly problem: string };

export const repositoryRoot = resolve(import.meta.dirname, '../..');

// Made by tools or by a running server, never committed.
const skippedFolders = new Set(['node_modules', '.git', 'dist', 'data', 'coverage', 'fixtures']);
const skippedFiles = new Set(['package-lock.json', 'LICENSE']);
const textExtension = /\.(?:ts|tsx|css|sql|md|json|sh|html|yml|yaml)$/;
const scriptFolder = /^(?:bin|\.ci)\//;

/** Every text file that a person writes in this repository, in a stable order. */
export function readSourceFiles(root: string = repositoryRoot): readonly SourceFile[] {
  const files: SourceFile[] = [];
  const visit = (folder: string): void => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) visit(path);
      if (entry.isFile() && !skippedFiles.has(entry.name) && isText(path)) {
        files.push({ path, text: readFileSync(join(root, path), 'utf8') });
      }
    }
  };
  visit('');
  return files;
}

function isText(path: string): boolean {
  return textExtension.test(path) || scriptFolder.test(path) || path === '.npmrc';
}

export const isCode = (path: string): boolean => /\.tsx?$/.test(path);
export const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);

export function lineOf(text: string, offset: number): number {
  // +1: an index counts from zero, a line number from one.
  return text.slice(0, offset).split('\n').length;
}

export function describeUntidy(found: readonly Untidy[]): readonly string[] {
  return found.map(({ path, line, problem }) => `${path}${line ? `:${line}` : ''}: ${problem}`);
}
