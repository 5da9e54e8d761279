import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBothWays, streamOf, toyCataloguer } from '../../test/harness/layers.ts';
import { paxHeader, tar } from '../../test/harness/tar.ts';
import type { Cataloguer } from './cataloguer.ts';
import { decodeLayerRecord, encodeLayerRecord, type LayerRecord } from './layer-record.ts';
import { pathKey } from './path-set.ts';
import { readLayer } from './read-layer.ts';

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const toys = [toyCataloguer];

/** What a record says, without the parts that are numbers. */
function facts({ files, whiteouts, opaqueFolders, symlinks, executables, problems }: LayerRecord) {
  return { files, whiteouts, opaqueFolders, symlinks, executables, problems };
}

const layer = tar(
  { name: 'opt/', type: '5' },
  { name: 'opt/a.pkg', body: 'alpha 1.0' },
  { name: 'opt/.wh.gone' },
  { name: 'etc/.wh..wh..opq' },
  { name: '.wh..wh.plnk', type: '5' },
  { name: 'bin', type: '2', linkName: 'usr/bin' },
  { name: 'usr/bin/tool', body: '#!/bin/sh\n', mode: 0o755 },
  { name: 'usr/bin/not-executable', body: '#!/bin/sh\n', mode: 0o644 },
  { name: 'usr/bin/tool2', type: '1', linkName: 'usr/bin/tool' },
  { name: 'dev/null', type: '3' },
  { name: 'opt/magic', body: `MAGIC${'x'.repeat(1000)}end` },
);

describe('reading a layer', () => {
  it.each([
    ['plain', layer],
    ['gzip', gzipSync(layer)],
    ['zstd', zstdCompressSync(layer)],
    [
      'gzip in two members',
      Buffer.concat([gzipSync(layer.subarray(0, 700)), gzipSync(layer.subarray(700))]),
    ],
  ])('finds the same in a %s one, from a file and from a stream', async (_, bytes) => {
    const { file, stream } = await readBothWays(bytes, toys);

    expect(facts(stream)).toEqual(facts(file));
    expect(file.digest).toBe(sha256(bytes));
    expect(file.diffId).toBe(sha256(layer));
    expect(file.files.map(({ path, components }) => [path, components?.[0]?.component])).toEqual([
      ['opt/a.pkg', { type: 'generic', name: 'alpha', version: '1.0' }],
      ['opt/magic', { type: 'generic', name: 'magic', version: 'end' }],
    ]);
    expect(file.whiteouts).toEqual(['opt/gone']);
    expect(file.opaqueFolders).toEqual(['etc']);
    expect(file.symlinks).toEqual([['bin', 'usr/bin']]);
    expect(file.executables).toEqual([
      { path: 'usr/bin/tool', file: 0 },
      { path: 'usr/bin/tool2', file: 0 },
    ]);
  });

  it('survives being kept', async () => {
    const { file } = await readBothWays(layer, toys);

    const kept = decodeLayerRecord(encodeLayerRecord(file));

    expect(kept && facts(kept)).toEqual(facts(file));
    expect(kept?.paths.get(pathKey('usr/bin/tool'))).toBe('other');
    expect(kept?.paths.get(pathKey('usr/bin'))).toBe('folder');
    expect(kept?.paths.get(pathKey('usr/lib'))).toBeUndefined();
  });

  it('keeps the last of two entries with one name', async () => {
    const twice = tar(
      { name: 'a.pkg', body: 'first 1' },
      { name: 'a.pkg', body: 'second 2' },
      { name: 'b.pkg', body: 'third 3' },
      { name: 'b.pkg', type: '2', linkName: 'a.pkg' },
    );

    const { file } = await readBothWays(twice, toys);

    expect(file.files.map(({ components }) => components?.[0]?.component.name)).toEqual(['second']);
  });

  it('reads a hard link whose own name is telling, though its target has another', async () => {
    // As pnpm stores files: by their hash, with links of every package to them.
    const store = tar(
      { name: 'store/0af3', body: 'linked 2.0' },
      { name: 'app/b.pkg', type: '1', linkName: 'store/0af3' },
      { name: 'app/c.pkg', type: '1', linkName: './store/0af3' },
      { name: 'app/out.pkg', type: '1', linkName: '../../etc/passwd' },
    );

    for (const bytes of [store, gzipSync(store)]) {
      const { file, stream } = await readBothWays(bytes, toys);
      expect(file.files.map(({ path }) => path)).toEqual(['app/b.pkg', 'app/c.pkg']);
      expect(file.problems).toEqual([
        { path: 'app/out.pkg', message: 'This hard link leaves the image.' },
      ]);
      expect(facts(stream)).toEqual(facts(file));
    }
  });

  it('gives a parser a large body of a compressed layer without holding it in memory', async () => {
    const body = Buffer.concat([
      Buffer.from('MAGIC'),
      Buffer.alloc(9_000_000, 7),
      Buffer.from('fin'),
    ]);

    const { file, stream } = await readBothWays(gzipSync(tar({ name: 'big', body })), toys);

    expect(file.files[0]?.components?.[0]?.component.version).toBe('fin');
    expect(facts(stream)).toEqual(facts(file));
  });

  it('shows a parser the holes of a sparse file as zeros', async () => {
    const seen: string[] = [];
    const looking: Cataloguer = {
      name: 'looking',
      version: 1,
      wants: () => true,
      bytesMax: 1000,
      parse: (view) => {
        seen.push(Buffer.from(view.bytes()).toString('latin1'));
        return {};
      },
    };
    const hole = { 'GNU.sparse.map': '0,2,70,3', 'GNU.sparse.size': '73' };

    await readBothWays(tar(paxHeader(hole), { name: 'x', body: 'abcde' }), [looking]);

    expect(seen).toEqual(Array(2).fill(`ab${'\0'.repeat(68)}cde`));
  });
});

describe('hashing only the digest that is stated', () => {
  const stored = gzipSync(layer);
  const both = { digest: sha256(stored), diffId: sha256(layer) };
  const read = async (bytes: Uint8Array, expected: object) => {
    const { digest, diffId } = (await readBothWays(bytes, toys, { ...expected, hashing: 'stated' }))
      .file;
    return { digest, diffId };
  };

  it("never links the stored bytes to the tar that the image's config claims", async () => {
    expect(await read(stored, both)).toEqual({ digest: both.digest, diffId: undefined });
    const lying = { ...both, diffId: sha256(Buffer.from('x')) };
    expect(await read(stored, lying)).toEqual({ digest: both.digest, diffId: undefined });
  });

  it('takes the digest of the tar where no other is stated', async () => {
    const { diffId } = both;

    expect(await read(stored, { diffId })).toEqual({ digest: undefined, diffId });
  });

  it('has both of a layer that is not compressed, which are one', async () => {
    const { diffId } = both;

    expect(await read(layer, { diffId })).toEqual({ digest: diffId, diffId });
    await expect(read(layer, { digest: diffId, diffId: both.digest })).rejects.toThrow('config');
  });

  it('takes the digest of the stored bytes where none is stated', async () => {
    expect(await read(stored, {})).toEqual({ digest: both.digest, diffId: undefined });
  });
});

describe('a layer that lies or is damaged', () => {
  const read = (bytes: Uint8Array, expected = {}) =>
    readLayer(streamOf(bytes), { label: 'Layer 2 of 3', ...expected }, toys);

  it('is refused by name when its bytes have another digest', async () => {
    await expect(read(gzipSync(layer), { digest: sha256(Buffer.from('x')) })).rejects.toThrow(
      /^Layer 2 of 3 has the digest sha256:.* and the manifest says/,
    );
  });

  it("is refused when what it inflates to is not what the image's config says", async () => {
    const stored = gzipSync(layer);
    const expected = { digest: sha256(stored), diffId: sha256(Buffer.from('x')) };

    await expect(read(stored, expected)).rejects.toThrow(/image's config says/);
  });

  it('takes a SHA-512 digest too', async () => {
    const digest = `sha512:${createHash('sha512').update(layer).digest('hex')}`;

    expect((await read(layer, { digest })).diffId).toBe(sha256(layer));
    await expect(read(layer.subarray(512), { digest })).rejects.toThrow('digest sha512:');
  });

  it.each(['stated', 'both'] as const)(
    'is refused for a wrong stated digest, hashing %s: of the bytes, and of a tar without one',
    async (hashing) => {
      const wrong = sha256(Buffer.from('x'));
      for (const bytes of [layer, gzipSync(layer), zstdCompressSync(layer)]) {
        await expect(read(bytes, { digest: wrong, hashing })).rejects.toThrow('manifest says');
        await expect(read(bytes, { diffId: wrong, hashing })).rejects.toThrow('config says');
      }
      const none = Buffer.alloc(0);
      await expect(read(none, { digest: wrong, hashing })).rejects.toThrow('manifest says');
    },
  );

  it('is said to have a wrong digest rather than a broken tar, when it has both', async () => {
    const damaged = Buffer.from(layer);
    damaged[3] = 0xff;

    await expect(read(damaged, { digest: sha256(layer) })).rejects.toThrow('has the digest');
    await expect(read(damaged)).rejects.toThrow('Layer 2 of 3 cannot be read: A tar header');
  });

  it('is refused when it is cut short', async () => {
    const stored = gzipSync(layer);

    await expect(read(stored.subarray(0, -30))).rejects.toThrow('cannot be read');
    await expect(read(layer.subarray(0, 1300))).rejects.toThrow('truncated');
    await expect(read(layer, { size: layer.length + 1 })).rejects.toThrow('the manifest says');
  });

  it('leaves out what climbs out of the image, and says so', async () => {
    const climbing = tar(
      { name: '../../root.pkg', body: 'evil 1' },
      { name: 'a.pkg', body: 'a 1' },
    );

    const record = await read(climbing);

    expect(record.files.map(({ path }) => path)).toEqual(['a.pkg']);
    expect(record.problems.map(({ path }) => path)).toEqual(['../../root.pkg']);
  });

  it('says which file is too large for whoever wants it, and never reads ten gigabytes', async () => {
    const ten = 10 * 2 ** 30;
    const hole = { 'GNU.sparse.map': `${ten - 1},1`, 'GNU.sparse.size': `${ten}` };

    const record = await read(tar(paxHeader(hole), { name: 'hole.pkg', body: 'x' }));

    expect(record.files).toEqual([]);
    expect(record.problems).toEqual([
      { path: 'hole.pkg', message: `toy reads files up to 104857600 bytes; this has ${ten}.` },
    ]);
  });

  it('keeps what other files say when a parser throws', async () => {
    const failing: Cataloguer = {
      ...toyCataloguer,
      name: 'failing',
      wants: (path) => path === 'opt/a.pkg',
      recognises: () => false,
      parse: () => {
        throw new RangeError('Maximum call stack size exceeded');
      },
    };

    const record = await readLayer(streamOf(layer), { label: 'L' }, [failing, toyCataloguer]);

    expect(record.files.map(({ path }) => path)).toEqual(['opt/a.pkg', 'opt/magic']);
    expect(record.problems).toEqual([
      { path: 'opt/a.pkg', message: 'failing: The file could not be read.' },
    ]);
  });

  it.each([
    ['gzip', (zeros: Buffer) => gzipSync(zeros)],
    ['zstd', (zeros: Buffer) => zstdCompressSync(zeros)],
  ])('is called a bomb when its %s inflates without end', async (_, compress) => {
    // Each member inflates to 64 MiB of zeros and takes a few kilobytes.
    const member = compress(Buffer.alloc(64 * 1024 * 1024));
    const header = tar({ name: 'zeros' }).subarray(0, 512);
    const huge = Buffer.from(header);
    Buffer.from([0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]).copy(huge, 124);
    huge.fill(' ', 148, 156);
    const sum = huge.reduce((total, byte) => total + byte, 0);
    huge.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield compress(huge);
      for (let count = 0; count < 400; count++) yield member;
    }

    const expected = { label: 'Layer 1 of 1', hashing: 'stated' } as const;
    const reading = readLayer({ kind: 'stream', chunks }, expected, toys);

    await expect(reading).rejects.toThrow('a bomb');
  });
});
