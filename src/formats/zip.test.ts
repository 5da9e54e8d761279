import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BuiltZipEntry, buildZip } from '../../test/harness/zip-builder.ts';
import { Failure } from '../model/errors.ts';
import { fileOfBytes } from './random-access.ts';
import { readZipDirectory, readZipEntry, storedZipEntry } from './zip.ts';

const BYTES_MAX = 1024 * 1024;

function contentsOf(bytes: Uint8Array): Record<string, string> {
  const file = fileOfBytes(bytes);
  return Object.fromEntries(
    readZipDirectory(file).map((entry) => [
      entry.name,
      readZipEntry(file, entry, BYTES_MAX).toString(),
    ]),
  );
}

const text = 'hello '.repeat(100);
const expected = { 'a/b.txt': text, 'c.txt': 'stored' };
const plain: BuiltZipEntry[] = [
  { name: 'a/b.txt', bytes: text },
  { name: 'c.txt', bytes: 'stored', stored: true },
];

describe('a zip file', () => {
  it.each<[string, Buffer]>([
    ['with deflated and stored entries', buildZip(plain)],
    ['with bytes before it', buildZip(plain, { prefix: Buffer.from('#!/bin/sh\nexec java\n') })],
    ['with sizes after the data', buildZip(plain.map((entry) => ({ ...entry, descriptor: true })))],
    ['with zip64 fields', buildZip(plain.map((entry) => ({ ...entry, wide: true })))],
    ['with a zip64 end', buildZip(plain, { wideEnd: true })],
    [
      'with a zip64 end and bytes before it',
      buildZip(plain, { wideEnd: true, prefix: Buffer.alloc(99) }),
    ],
    ['with a comment that holds the end signature', buildZip(plain, { comment: 'x PK\x05\x06 y' })],
  ])('%s is read', (_, bytes) => {
    expect(contentsOf(bytes)).toEqual(expected);
  });

  it('lends a stored entry without a copy, and no compressed one', () => {
    const file = fileOfBytes(buildZip(plain));
    const [deflated, stored] = readZipDirectory(file);

    expect(deflated && storedZipEntry(file, deflated)).toBeUndefined();
    const slice = stored && storedZipEntry(file, stored);
    expect(slice && Buffer.from(slice.read(0, 100)).toString()).toBe('stored');
  });

  it.each<[string, Buffer, string]>([
    ['none at all', Buffer.from('no zip'), 'This is not a zip file, or its end is cut off.'],
    ['cut off', buildZip(plain).subarray(0, 150), 'This is not a zip file, or its end is cut off.'],
    [
      'whose entries share bytes',
      buildZip([plain[0]!, { name: 'z', bytes: 'z', claims: { offset: 0 } }]),
      'Entries of the zip file overlap.',
    ],
    [
      'whose entry points past the directory',
      buildZip([{ name: 'z', bytes: 'z', claims: { offset: 4000 } }]),
      'Entries of the zip file overlap.',
    ],
    [
      'that is larger than allowed',
      buildZip([{ name: 'z', bytes: Buffer.alloc(BYTES_MAX + 1) }]),
      `The zip entry is over ${BYTES_MAX} bytes.`,
    ],
    [
      'that unpacks to more than it states',
      buildZip([{ name: 'z', bytes: Buffer.alloc(10_000), claims: { size: 100 } }]),
      'The zip entry cannot be unpacked.',
    ],
    [
      'that unpacks to less than it states',
      buildZip([{ name: 'z', bytes: 'z', claims: { size: 2 } }]),
      'The zip entry lies about its size.',
    ],
    [
      'that states a ratio deflate cannot reach',
      buildZip([{ name: 'z', bytes: 'z', claims: { size: BYTES_MAX } }]),
      'The zip entry states a size it cannot unpack to.',
    ],
    [
      'whose checksum is wrong',
      buildZip([{ name: 'z', bytes: 'z', claims: { crc: 1 } }]),
      'The checksum of the zip entry does not match.',
    ],
  ])('%s is refused with a sentence', (_, bytes, message) => {
    expect(() => contentsOf(bytes)).toThrow(message);
  });

  it('never fails but with a sentence, whatever its bytes are', () => {
    const seed = buildZip([...plain, { name: 'wide', bytes: 'w', wide: true }], { wideEnd: true });
    const change = fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 }));
    let read = 0;
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          contentsOf(bytes);
          read += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(0);
  });
});
