import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolderLayerCache } from './folder-layer-cache.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wharfinger-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (text: string) => new Uint8Array(Buffer.from(text)).buffer;
const text = (kept: ArrayBuffer | undefined) => kept && Buffer.from(kept).toString();
const files = () => readdirSync(folder).map((name) => join(folder, name));

it('gives back what was put, across instances', async () => {
  await makeFolderLayerCache(folder).put('sha256:a', record('first'));
  const again = makeFolderLayerCache(folder);

  expect(text(await again.get('sha256:a'))).toBe('first');
  expect(await again.get('sha256:b')).toBeUndefined();
});

it.each([
  ['damaged', (bytes: Buffer) => bytes.fill(0, 33, 35)],
  ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
  ['emptied', () => Buffer.alloc(0)],
])('takes an entry that was %s for absent', async (_, damage) => {
  const cache = makeFolderLayerCache(folder);
  await cache.put('sha256:a', record('first'));
  const [file = ''] = files();

  writeFileSync(file, damage(readFileSync(file)));

  expect(await cache.get('sha256:a')).toBeUndefined();
});

it('does not take one entry for another that was put in its place', async () => {
  const cache = makeFolderLayerCache(folder);
  await cache.put('sha256:a', record('a'));
  const [a = ''] = files();
  await cache.put('sha256:b', record('b'));
  const b = files().find((file) => file !== a) ?? '';

  writeFileSync(a, readFileSync(b));

  expect(await cache.get('sha256:a')).toBeUndefined();
});

it('lets the least recently used go when it grows too large', async () => {
  const cache = makeFolderLayerCache(folder, 250);
  await cache.put('sha256:old', record('x'.repeat(60)));
  for (const file of files()) utimesSync(file, 1000, 1000);
  await cache.put('sha256:used', record('x'.repeat(60)));
  await cache.put('sha256:new', record('x'.repeat(60)));

  expect(await cache.get('sha256:old')).toBeUndefined();
  expect(await cache.get('sha256:used')).toBeDefined();
  expect(await cache.get('sha256:new')).toBeDefined();
});

it('leaves no half-written file under its name', async () => {
  const cache = makeFolderLayerCache(folder);

  await Promise.all(Array.from({ length: 20 }, () => cache.put('sha256:a', record('same'))));

  expect(files()).toHaveLength(1);
  expect(text(await cache.get('sha256:a'))).toBe('same');
});
