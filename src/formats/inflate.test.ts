import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../model/errors.ts';
import { compressionOf, fastInflater, hasFastPath, publicInflater } from './inflate.ts';

const compress = { gzip: zlib.gzipSync, zstd: zlib.zstdCompressSync };
const makers = { fast: fastInflater, public: publicInflater };

async function inflate(
  maker: keyof typeof makers,
  kind: 'gzip' | 'zstd',
  stored: Buffer,
  pieceBytes = 1000,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const inflater = makers[maker](kind, (piece) => pieces.push(Buffer.from(piece)));
  for (let at = 0; at < stored.length; at += pieceBytes) {
    await inflater.push(stored.subarray(at, at + pieceBytes));
  }
  await inflater.end();
  inflater.close();
  return Buffer.concat(pieces);
}

// Compressible and not, and over several output buffers.
const text = Buffer.concat([
  Buffer.alloc(400_000, 'wharfinger '),
  Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7919) % 251)),
]);

it('takes the fast path on the Node this project is pinned to', () => {
  expect(hasFastPath()).toBe(true);
});

describe.each(['fast', 'public'] as const)('the %s inflater', (maker) => {
  describe.each(['gzip', 'zstd'] as const)('of %s', (kind) => {
    it.each([1, 999, 1_000_000])(
      'gives back the bytes, pushed %i at a time',
      async (pieceBytes) => {
        const data = pieceBytes === 1 ? text.subarray(0, 3000) : text;

        expect((await inflate(maker, kind, compress[kind](data), pieceBytes)).equals(data)).toBe(
          true,
        );
      },
    );

    it('reads several members as one stream', async () => {
      const stored = Buffer.concat([compress[kind](text), compress[kind](text)]);

      expect((await inflate(maker, kind, stored)).length).toBe(text.length * 2);
    });

    it('refuses damaged data with a sentence', async () => {
      const stored = Buffer.from(compress[kind](text));
      stored.fill(0xff, 20, 60);

      await expect(inflate(maker, kind, stored)).rejects.toThrow('compressed data is broken');
    });

    it('passes on what the receiver throws', async () => {
      const inflater = makers[maker](kind, () => {
        throw new Failure('invalid', 'enough');
      });
      const run = async () => {
        await inflater.push(compress[kind](text));
        await inflater.end();
      };

      await expect(run()).rejects.toThrow('enough');
    });
  });

  it('refuses gzip data that is cut short', async () => {
    const stored = compress.gzip(text);

    await expect(inflate(maker, 'gzip', stored.subarray(0, stored.length - 20))).rejects.toThrow(
      'unexpected end',
    );
  });
});

it('ends every damaged gzip stream in bytes or a Failure', async () => {
  const stored = compress.gzip(text.subarray(0, 20_000));
  const changes = fc.array(fc.tuple(fc.nat(stored.length - 1), fc.nat(255)), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(changes, async (damage) => {
      const damaged = Buffer.from(stored);
      for (const [at, byte] of damage) damaged[at] = byte;
      const result = await inflate('fast', 'gzip', damaged).catch((error: unknown) => error);
      expect(result instanceof Failure || Buffer.isBuffer(result)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('tells gzip, zstd and neither by the first bytes', () => {
  expect(compressionOf(compress.gzip('x'))).toBe('gzip');
  expect(compressionOf(compress.zstd('x'))).toBe('zstd');
  expect(compressionOf(Buffer.from([0x50, 0x2a, 0x4d, 0x18]))).toBe('zstd');
  expect(compressionOf(Buffer.from('etc/passwd'))).toBe('none');
  expect(compressionOf(Buffer.alloc(0))).toBe('none');
});
