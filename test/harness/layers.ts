import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cataloguer } from '../../src/scan/cataloguer.ts';
import type { LayerRecord } from '../../src/scan/layer-record.ts';
import { type ExpectedLayer, readLayer } from '../../src/scan/read-layer.ts';

/** Reads a layer's bytes both ways, as a file and as a stream of small pieces. */
export async function readBothWays(
  bytes: Uint8Array,
  cataloguers: readonly Cataloguer[],
  expected: Partial<ExpectedLayer> = {},
): Promise<{ readonly file: LayerRecord; readonly stream: LayerRecord }> {
  const named = { label: 'Layer 1 of 1', ...expected };
  const file = await withFile(bytes, (fd) => {
    const range = { kind: 'file', fd, offset: 0, length: bytes.length } as const;
    return readLayer(range, named, cataloguers);
  });
  const stream = await readLayer(streamOf(bytes), named, cataloguers);
  return { file, stream };
}

export function streamOf(bytes: Uint8Array, pieceBytes = 700) {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      yield bytes.subarray(at, at + pieceBytes);
    }
  }
  return { kind: 'stream', chunks } as const;
}

async function withFile<T>(bytes: Uint8Array, use: (fd: number) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-test-'));
  const path = join(folder, 'layer');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  try {
    return await use(fd);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

/**
 * A package format made for tests: `NAME.pkg` files hold lines of `name version`, `owns KEY PATH`,
 * `licence KEY ID`; files that begin with `MAGIC` are found wherever they lie.
 */
export const toyCataloguer: Cataloguer = {
  name: 'toy',
  version: 1,
  wants: (path) => path.endsWith('.pkg'),
  recognises: (head) => Buffer.from(head.subarray(0, 5)).toString() === 'MAGIC',
  bytesMax: 100 * 1024 * 1024,
  parse: (view) => {
    if (!view.path.endsWith('.pkg')) {
      const end = Buffer.from(view.read(view.size - 3, 3)).toString();
      return { components: [{ component: { type: 'generic', name: 'magic', version: end } }] };
    }
    const lines = Buffer.from(view.bytes()).toString().split('\n');
    const words = lines.map((line) => line.split(' '));
    const of = (word: string) => words.filter(([first]) => first === word);
    return {
      components: words
        .filter(([name = '', version]) => version !== undefined && !/^(owns|licence)$/.test(name))
        .map(([name = '', version = '', type = 'generic', key = name]) => ({
          component: { type, name, version },
          key,
        })),
      ownerships: of('owns').map(([, by = '', paths = '']) => ({ by, paths })),
      licences: of('licence').map(([, key = '', id = '']) => ({ of: key, licences: [id] })),
      problems: lines.includes('broken') ? ['A line is broken.'] : [],
    };
  },
};
