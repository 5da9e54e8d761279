import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paxHeader, paxRecord, tar, tarHeader, tarPart } from '../../test/harness/tar.ts';
import { Failure } from '../model/errors.ts';
import { type TarEntry, TarReader } from './tar-reader.ts';

type Seen = { readonly entry: TarEntry; readonly body: string | undefined };

/** Reads an archive in pieces of the given size, so that every boundary is crossed. */
function readTar(archive: Buffer, pieceBytes = 512, wanted = (_: TarEntry) => true): Seen[] {
  const seen: { entry: TarEntry; body: string | undefined }[] = [];
  let body: Buffer | undefined;
  const reader = new TarReader({
    entry: (entry) => {
      seen.push({ entry, body: undefined });
      if (!wanted(entry)) return false;
      body = Buffer.alloc(Math.min(entry.size, 1 << 20));
      return true;
    },
    body: (piece, offset) => {
      piece.copy(body ?? Buffer.alloc(0), offset);
      return true;
    },
    bodyEnd: () => {
      const last = seen.at(-1);
      if (last !== undefined) last.body = body?.toString('latin1');
    },
  });
  for (let at = 0; at < archive.length; at += pieceBytes) {
    reader.push(archive.subarray(at, at + pieceBytes));
  }
  reader.end();
  return seen;
}

const paths = (seen: readonly Seen[]) => seen.map(({ entry }) => entry.path);

describe('the tar reader', () => {
  it.each([1, 7, 511, 512, 513, 100_000])('reads the same in pieces of %i bytes', (pieceBytes) => {
    const archive = tar(
      { name: 'etc/', type: '5' },
      { name: 'etc/motd', body: 'hello' },
      { name: 'etc/link', type: '2', linkName: 'motd' },
      { name: 'etc/hard', type: '1', linkName: 'etc/motd' },
      { name: 'big', body: Buffer.alloc(1300, 'x') },
    );

    const seen = readTar(archive, pieceBytes);

    expect(paths(seen)).toEqual(['etc', 'etc/motd', 'etc/link', 'etc/hard', 'big']);
    expect(seen.map(({ entry }) => entry.kind)).toEqual([
      'folder',
      'file',
      'symlink',
      'link',
      'file',
    ]);
    expect(seen[1]?.body).toBe('hello');
    expect(seen[2]?.entry.linkPath).toBe('motd');
    expect(seen[4]?.body).toBe('x'.repeat(1300));
  });

  it('joins the ustar prefix, but not in the GNU format where those bytes are times', () => {
    const times = [[345, Buffer.from('12345670123')]] as const;
    const archive = tar(
      { name: 'file', prefix: 'a/long/folder' },
      { name: 'other', magic: 'gnu', patches: times },
    );

    expect(paths(readTar(archive))).toEqual(['a/long/folder/file', 'other']);
  });

  it('takes GNU long names and link names', () => {
    const long = `${'folder/'.repeat(40)}file`;
    const archive = tar(
      { name: '././@LongLink', type: 'L', body: `${long}\0`, magic: 'gnu' },
      { name: '././@LongLink', type: 'K', body: `${long}x\0`, magic: 'gnu' },
      { name: 'short', type: '2', linkName: 'short', magic: 'gnu' },
      { name: 'next' },
    );

    const seen = readTar(archive);

    expect(paths(seen)).toEqual([long, 'next']);
    expect(seen[0]?.entry.linkPath).toBe(`${long}x`);
  });

  it('lets pax records for path, link path and size outrank the header, for one entry', () => {
    const path = `ü${'y'.repeat(200)}`;
    const archive = tar(
      paxHeader({ path, size: '5', mtime: '1.5' }),
      Buffer.concat([tarHeader({ name: 'short', size: 0 }), tarPart({ name: 'x' }).fill('b')]),
      paxHeader({ linkpath: 'far/away' }),
      { name: 'link', type: '2', linkName: 'near' },
      { name: 'last', body: 'z' },
    );

    const seen = readTar(archive);

    expect(paths(seen)).toEqual([path, 'link', 'last']);
    expect(seen[0]?.body).toBe('bbbbb');
    expect(seen[1]?.entry.linkPath).toBe('far/away');
  });

  it('reads base-256 sizes, as GNU tar writes them over 8 GiB', () => {
    const size = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    const archive = tar({ name: 'a', body: 'abcde', patches: [[124, size]] }, { name: 'b' });

    expect(readTar(archive).map(({ body }) => body)).toEqual(['abcde', '']);
  });

  it('strips the root and refuses what climbs out of it', () => {
    const archive = tar(
      { name: './', type: '5' },
      { name: './etc/./passwd' },
      { name: '/etc//shadow' },
      { name: 'usr/../bin/sh' },
      { name: '../../etc/cron.d/x' },
      { name: '.dockerenv' },
    );

    expect(paths(readTar(archive))).toEqual([
      '',
      'etc/passwd',
      'etc/shadow',
      'bin/sh',
      undefined,
      '.dockerenv',
    ]);
  });

  it('gives links and folders no body, whatever their size field says', () => {
    const archive = tar(
      tarHeader({ name: 'l', type: '2', size: 5000, linkName: 'x' }),
      tarHeader({ name: 'd', type: '5', size: 5000 }),
      { name: 'next', body: 'n' },
    );

    expect(paths(readTar(archive))).toEqual(['l', 'd', 'next']);
  });

  it('skips a body that nobody wants, and the rest of one that is dropped half way', () => {
    const pieces: number[] = [];
    let ended = 0;
    const reader = new TarReader({
      entry: (entry) => entry.path === 'wanted',
      body: (piece) => pieces.push(piece.length) < 2,
      bodyEnd: () => ended++,
    });
    const body = Buffer.alloc(5000);
    const archive = tar({ name: 'skipped', body }, { name: 'wanted', body }, { name: 'last' });
    for (let at = 0; at < archive.length; at += 1000) reader.push(archive.subarray(at, at + 1000));
    reader.end();

    expect(pieces).toHaveLength(2);
    expect(ended).toBe(0);
    expect(reader.entries).toBe(3);
  });

  it('says how many bytes a seekable source may leave out', () => {
    const seen: (string | undefined)[] = [];
    const reader = new TarReader({
      entry: ({ path }) => seen.push(path) === 0,
      body: () => true,
      bodyEnd: () => {},
    });
    const archive = tar({ name: 'a', body: Buffer.alloc(100_000) }, { name: 'b' });
    reader.push(archive.subarray(0, 512));
    const skippable = reader.skippable();
    reader.skip(skippable);
    reader.push(archive.subarray(512 + skippable));
    reader.end();

    expect(skippable).toBe(100_352);
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('sparse files', () => {
  const octal = (value: number) => Buffer.from(`${value.toString(8).padStart(11, '0')}\0`);
  const logical = `${'\0'.repeat(10)}abc${'\0'.repeat(7)}de${'\0'.repeat(8)}`;

  it('reads the old GNU format, with an extension block', () => {
    const runs = [10, 3, 20, 2].map(octal);
    const many = Buffer.alloc(512);
    octal(20).copy(many, 0);
    octal(2).copy(many, 12);
    const header = tarHeader({
      name: 's',
      type: 'S',
      magic: 'gnu',
      size: 5,
      patches: [
        [386, Buffer.concat(runs.slice(0, 2))],
        [482, Buffer.from([1])],
        [483, octal(30)],
      ],
    });
    const data = Buffer.alloc(512);
    data.write('abcde');

    const [seen] = readTar(tar(header, many, data));

    expect(seen?.entry.size).toBe(30);
    expect(seen?.body).toBe(logical);
  });

  it.each([
    [
      '0.0',
      [
        'GNU.sparse.offset=10',
        'GNU.sparse.numbytes=3',
        'GNU.sparse.offset=20',
        'GNU.sparse.numbytes=2',
      ],
    ],
    ['0.1', ['GNU.sparse.map=10,3,20,2']],
  ])('reads the pax format %s', (_, runs) => {
    const records = [...runs, 'GNU.sparse.size=30', 'GNU.sparse.name=real/name'];
    const text = records.map((record) => paxRecord(record.split('=') as [string, string])).join('');

    const [seen] = readTar(tar(paxHeader(text), { name: 'GNUSparseFile.0/x', body: 'abcde' }));

    expect(seen?.entry.path).toBe('real/name');
    expect(seen?.body).toBe(logical);
  });

  it('reads the pax format 1.0, whose table is in the data', () => {
    const table = Buffer.alloc(512);
    table.write('2\n10\n3\n20\n2\n');
    const body = Buffer.concat([table, Buffer.from('abcde')]);
    const records = {
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 's',
      'GNU.sparse.realsize': '30',
    };

    const [seen, next] = readTar(tar(paxHeader(records), { name: 'x', body }, { name: 'next' }));

    expect(seen?.body).toBe(logical);
    expect(next?.entry.path).toBe('next');
  });

  it('needs no memory for a hole of ten gigabytes', () => {
    const records = {
      'GNU.sparse.map': `${10 * 2 ** 30},1`,
      'GNU.sparse.size': `${10 * 2 ** 30 + 1}`,
    };
    const offsets: number[] = [];
    const reader = new TarReader({
      entry: () => true,
      body: (_, offset) => offsets.push(offset) > 0,
      bodyEnd: () => {},
    });

    reader.push(tar(paxHeader(records), { name: 'hole', body: 'x' }));

    expect(offsets).toEqual([10 * 2 ** 30]);
  });

  it.each(['0,3,2,3', '20,3,10,2', '28,5'])(
    'refuses runs %s, which overlap or leave the file',
    (map) => {
      const records = { 'GNU.sparse.map': map, 'GNU.sparse.size': '30' };

      expect(() => readTar(tar(paxHeader(records), { name: 'x', body: 'abcde' }))).toThrow(Failure);
    },
  );
});

describe('broken archives', () => {
  it('refuses a wrong checksum', () => {
    const archive = tar({ name: 'a' });
    archive[0] = 0x62;

    expect(() => readTar(archive)).toThrow('wrong checksum');
  });

  it.each([100, 512 + 100])('refuses an archive cut at byte %i', (bytes) => {
    const archive = tar({ name: 'a', body: 'some text' }).subarray(0, bytes);

    expect(() => readTar(archive)).toThrow('truncated');
  });

  it('accepts an archive without its two blocks of zeros, as Docker once wrote', () => {
    expect(paths(readTar(tarPart({ name: 'a', body: 'x' })))).toEqual(['a']);
  });

  it('refuses entries after a lone block of zeros, which readers treat differently', () => {
    const archive = Buffer.concat([tarPart({ name: 'a' }), Buffer.alloc(512), tar({ name: 'b' })]);

    expect(() => readTar(archive)).toThrow('lone block');
  });

  it.each([
    ['a length that is too short', '3 path=x\n'],
    ['a length past the end', '99 path=x\n'],
    ['no equals sign', '8 pathx\n'],
    ['a NUL in a path', paxRecord(['path', 'a\0b'])],
    ['a size that is no number', paxRecord(['size', '-5'])],
  ])('refuses a pax header with %s', (_, records) => {
    expect(() => readTar(tar(paxHeader(records), { name: 'a' }))).toThrow('broken record');
  });

  it('refuses a header extension of gigabytes instead of reserving memory for it', () => {
    const header = tarHeader({ name: 'x', type: 'x', size: 8 ** 10 });

    expect(() => readTar(header)).toThrow('over 1 MiB');
  });

  it('ends every damaged archive in an answer or a Failure', () => {
    const archive = tar(
      paxHeader({ path: 'p', 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '9' }),
      { name: 'a', body: 'b' },
      { name: 'l', type: 'L', body: 'long\0', magic: 'gnu' },
      { name: 'b', body: Buffer.alloc(600, 'b') },
    );
    const damage = fc.array(
      fc.tuple(fc.nat(archive.length - 1), fc.integer({ min: 0, max: 255 })),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(damage, fc.integer({ min: 1, max: 2000 }), (changes, pieceBytes) => {
        const damaged = Buffer.from(archive);
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          expect(readTar(damaged, pieceBytes).length).toBeLessThan(20);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    );
  });

  it('gives every archive of arbitrary bytes an answer or a Failure', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => {
        try {
          readTar(Buffer.from(bytes), 100);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    );
  });
});
