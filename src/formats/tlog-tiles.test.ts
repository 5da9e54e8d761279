import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listExportTiles } from './evidence-export.ts';
import {
  bundleWidth,
  decodeEntryBundle,
  encodeEntryBundle,
  formatTilePath,
  parseTilePath,
} from './tlog-tiles.ts';

describe('addresses of tiles', () => {
  it('are spelled as the specification says', () => {
    expect(formatTilePath({ level: 0, index: 1234067n, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(formatTilePath({ level: 'entries', index: 0n, width: 12 })).toBe(
      'tile/entries/000.p/12',
    );
  });

  it('read back what they were written from, and nothing else', () => {
    const level = fc.oneof(fc.constant('entries' as const), fc.nat(63));
    const index = fc.bigInt({ min: 0n, max: 2n ** 56n - 1n });
    fc.assert(
      fc.property(level, index, fc.integer({ min: 1, max: 256 }), (level, index, width) => {
        const address = { level, index, width };
        expect(parseTilePath(formatTilePath(address))).toEqual(address);
      }),
    );
    const wrong = ['tile/0/x000/001', 'tile/64/000', 'tile/00/000', 'tile/0/000.p/0'];
    for (const path of [...wrong, 'tile/0/000.p/256', 'tile/0/001/000', 'tile/0/1', 'tile/0/']) {
      expect(parseTilePath(path), path).toBeUndefined();
    }
  });

  it('has the tiles of the specification for a tree of 70,000', () => {
    const tiles = [...listExportTiles(70_000n)];
    const count = (level: number | 'entries', isFull: boolean) =>
      tiles.filter((tile) => tile.level === level && (tile.width === 256) === isFull);
    expect(count(0, true)).toHaveLength(273);
    expect(count(0, false)).toEqual([{ level: 0, index: 273n, width: 112 }]);
    expect(count(1, true)).toHaveLength(1);
    expect(count(1, false)).toEqual([{ level: 1, index: 1n, width: 17 }]);
    expect(count(2, false)).toEqual([{ level: 2, index: 0n, width: 1 }]);
    expect(count('entries', true)).toHaveLength(273);
    expect([bundleWidth(70_000n, 273n), bundleWidth(70_000n, 274n)]).toEqual([112, 0]);
  });

  it('has a full tile and one above it for a tree of 256', () => {
    expect([...listExportTiles(256n)].map(formatTilePath)).toEqual([
      'tile/entries/000',
      'tile/0/000',
      'tile/1/000.p/1',
    ]);
  });
});

describe('entry bundles', () => {
  it('give their entries back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (entries) => {
        const decoded = decodeEntryBundle(encodeEntryBundle(entries)) ?? [];
        expect(decoded.map((each) => [...each])).toEqual(entries.map((each) => [...each]));
      }),
    );
  });

  it('are refused when cut short', () => {
    const bundle = encodeEntryBundle([Buffer.from('entry')]);
    for (let length = 1; length < bundle.length; length += 1) {
      expect(decodeEntryBundle(bundle.subarray(0, length))).toBeUndefined();
    }
  });
});
