import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cataloguers } from './list.ts';
import { cataloguerVersions } from './versions.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe('the list of cataloguers', () => {
  it('names every folder, in alphabetical order, and nothing else', () => {
    expect(folders.length).toBeGreaterThan(0);
    expect(cataloguers.map((cataloguer) => cataloguer.name)).toEqual(folders.sort());
  });

  it('has the same names and versions as versions.ts, which the caches go by', () => {
    expect(cataloguerVersions).toEqual(cataloguers.map(({ name, version }) => ({ name, version })));
  });

  it.each(folders)('%s has a module of its name and a test beside it', (folder) => {
    expect(existsSync(join(import.meta.dirname, folder, `${folder}.ts`))).toBe(true);
    expect(existsSync(join(import.meta.dirname, folder, `${folder}.test.ts`))).toBe(true);
  });

  it.each(cataloguers)('$name says which files it reads, and bounds them', (cataloguer) => {
    expect(cataloguer.wants ?? cataloguer.recognises).toBeDefined();
    expect(cataloguer.version).toBeGreaterThanOrEqual(1);
    expect(cataloguer.bytesMax).toBeGreaterThan(0);
    expect(Number.isSafeInteger(cataloguer.bytesMax)).toBe(true);
  });
});
