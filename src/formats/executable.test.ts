import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ADDRESS_BASE,
  buildElf,
  buildFatMachO,
  buildMachO,
  buildPe,
} from '../../test/harness/executable-builder.ts';
import { looksExecutable, readExecutables } from './executable.ts';
import { offsetOfAddress } from './executable-image.ts';
import { fileOfBytes } from './random-access.ts';

const note = Buffer.from('a note');
const data = Buffer.from('some data');
const sections = [
  { name: '.note', bytes: note },
  { name: '.data', bytes: data, writable: true },
];

function textOf(file: Buffer, index: number, program = 0): string {
  const section = readExecutables(fileOfBytes(file))[program]?.sections.filter(
    ({ name }) => name !== '' && name !== '.shstrtab',
  )[index];
  return section === undefined
    ? 'missing'
    : `${section.name} ${file.toString('latin1', section.offset, section.offset + section.size)}`;
}

describe('an executable', () => {
  for (const wide of [true, false]) {
    for (const littleEndian of [true, false]) {
      it(`as ELF, ${wide ? 64 : 32} bits, ${littleEndian ? 'little' : 'big'}-endian`, () => {
        const file = buildElf({ sections, wide, littleEndian });

        expect([textOf(file, 0), textOf(file, 1)]).toEqual(['.note a note', '.data some data']);
        const [image] = readExecutables(fileOfBytes(file));
        expect(image).toMatchObject({ littleEndian, pointerBytes: wide ? 8 : 4 });
        expect(image?.segments.map(({ writable }) => writable)).toEqual([false, true]);
        const offset = file.indexOf(data);
        expect(image && offsetOfAddress(image, ADDRESS_BASE + offset)).toBe(offset);
        expect(looksExecutable(file.subarray(0, 64))).toBe(true);
      });
    }
  }

  it('as ELF whose section table was cut off still has its segments', () => {
    const [image] = readExecutables(fileOfBytes(buildElf({ sections, stripped: true })));

    expect(image?.sections).toEqual([]);
    expect(image?.segments.map(({ size }) => size)).toEqual([note.length, data.length]);
  });

  it('as PE, where a section is as long as the linker wrote it, not as it is padded', () => {
    const file = buildPe(sections);

    expect([textOf(file, 0), textOf(file, 1)]).toEqual(['.note a note', '.data some data']);
    expect(looksExecutable(file.subarray(0, 64))).toBe(true);
  });

  it('as Mach-O, alone and each program of a universal file', () => {
    const one = buildMachO([{ name: '__DATA,__data', bytes: data, writable: true }]);
    const other = buildMachO([{ name: '__TEXT,__text', bytes: note }]);
    const both = buildFatMachO([one, other]);

    expect(textOf(one, 0)).toBe('__DATA,__data some data');
    expect(textOf(both, 0, 0)).toBe('__DATA,__data some data');
    expect(textOf(both, 0, 1)).toBe('__TEXT,__text a note');
    expect(looksExecutable(one.subarray(0, 64))).toBe(true);
    expect(looksExecutable(both.subarray(0, 64))).toBe(true);
  });

  it('is not a Java class, which shares the magic of universal Mach-O files', () => {
    const javaClass = Buffer.from('cafebabe0000003d00', 'hex');

    expect(looksExecutable(javaClass)).toBe(false);
    expect(readExecutables(fileOfBytes(javaClass))).toEqual([]);
  });

  it('is not an object file', () => {
    const file = buildElf({ sections });
    file[16] = 1;

    expect(looksExecutable(file.subarray(0, 64))).toBe(false);
  });

  it('that states a section outside the file is read without that section', () => {
    const file = buildElf({ sections });
    const whole = readExecutables(fileOfBytes(file))[0]?.sections.length ?? 0;
    const table = Number(file.readBigUInt64LE(40));
    file.writeBigUInt64LE(0xffffffffffffffffn, table + 64 + 32);

    expect(readExecutables(fileOfBytes(file))[0]?.sections).toHaveLength(whole - 1);
  });

  it('never makes the reader throw or leave the file, whatever its bytes are', () => {
    const seeds = [
      buildElf({ sections }),
      buildElf({ sections, wide: false, littleEndian: false }),
      buildPe(sections),
      buildFatMachO([buildMachO(sections)]),
    ];
    const change = fc.tuple(fc.nat(1100), fc.integer({ min: 0, max: 255 }));
    const cut = fc.nat(6000);
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(change), cut, (seed, changes, length) => {
        const file = Buffer.from(seed.subarray(0, length));
        for (const [at, value] of changes) if (at < file.length) file[at] = value;
        looksExecutable(file.subarray(0, 64));
        for (const image of readExecutables(fileOfBytes(file))) {
          for (const region of [...image.sections, ...image.segments]) {
            expect(region.offset + region.size).toBeLessThanOrEqual(file.length);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
