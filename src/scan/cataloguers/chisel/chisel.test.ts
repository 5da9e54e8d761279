import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { chisel } from './chisel.ts';

const parse = (bytes: Uint8Array) =>
  chisel.parse(viewOfBytes('var/lib/chisel/manifest.wall', bytes));
const parseText = (text: string) => parse(zstdCompressSync(Buffer.from(text)));
const damaged = ['The manifest is not zstd-compressed, damaged, or too large to read.'];

describe("chisel's manifest", () => {
  it('yields packages and the paths of their slices', () => {
    const records = [
      { jsonwall: '1.0', schema: '1.0', count: 7 },
      { kind: 'content', slice: 'libc6_libs', path: '/usr/lib/libc.so.6' },
      { kind: 'package', name: 'libc6', version: '2.39-0ubuntu8', sha256: 'x', arch: 'amd64' },
      { kind: 'path', path: '/etc/', mode: '0755', slices: ['base-files_base'] },
      { kind: 'path', path: '/usr/lib/libc.so.6', slices: ['libc6_libs', 'other_x'], size: 1 },
      { kind: 'path', path: '/usr/lib/libm.so.6', slices: ['libc6_libs'] },
      { kind: 'slice', name: 'libc6_libs' },
    ];
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');

    expect(parseText(text)).toEqual({
      components: [
        {
          key: 'deb:libc6',
          component: {
            type: 'deb',
            name: 'libc6',
            version: '2.39-0ubuntu8',
            qualifiers: { arch: 'amd64' },
          },
        },
      ],
      ownerships: [{ by: 'deb:libc6', paths: 'usr/lib/libc.so.6\nusr/lib/libm.so.6' }],
    });
  });

  it('is read at its one place', () => {
    expect(chisel.wants?.('var/lib/chisel/manifest.wall', 1)).toBe(true);
    expect(chisel.wants?.('opt/var/lib/chisel/manifest.wall', 1)).toBe(false);
  });

  it('keeps the packages around a record that is damaged', () => {
    const sound = (name: string) => JSON.stringify({ kind: 'package', name, version: '1' });
    const findings = parseText(`${sound('a')}\n{"kind":\n{"kind":"package"}\n[]\n${sound('b')}`);
    expect(findings.components?.map((found) => found.component.name)).toEqual(['a', 'b']);
    expect(findings.problems).toHaveLength(2);
    expect(findings.problems?.[0]).toMatch(/^Record 2: The JSON is not valid/);
    expect(findings.problems?.[1]).toBe('A package states no name or version that could be one.');
  });

  it('that is no zstd, cut off, or a bomb is a problem', () => {
    expect(parse(Buffer.from('plain')).problems).toEqual(damaged);
    const whole = zstdCompressSync(Buffer.from('{"kind":"slice"}\n'.repeat(1000)));
    expect(parse(whole.subarray(0, 20)).problems).toEqual(damaged);
    expect(parse(zstdCompressSync(Buffer.alloc(129 * 1024 * 1024))).problems).toEqual(damaged);
  });

  it('never throws, whatever a record holds', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('package', 'path', 'x'), (json, kind) => {
        const text = `${json}\n{"kind":"${kind}","name":${json},"path":${json},"slices":${json}}\n`;
        expect(parseText(text).ownerships).toEqual([]);
      }),
    );
  });
});
