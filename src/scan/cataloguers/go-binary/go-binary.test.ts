import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BuiltSection,
  buildElf,
  buildFatMachO,
  buildMachO,
  buildPe,
  elfAddressOf,
} from '../../../../test/harness/executable-builder.ts';
import { viewOfBytes, withFile } from '../../../../test/harness/file-view.ts';
import { findPart } from '../../../../test/harness/find-part.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { goBinary } from './go-binary.ts';

const MAGIC = '\xff Go buildinf:';
const MARK = 'sixteen bytes in';

function counted(text: string): Buffer {
  const length: number[] = [];
  let rest = Buffer.byteLength(text);
  for (; rest >= 0x80; rest >>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), Buffer.from(text)]);
}

function buildInfo(lines: readonly string[], toolchain = 'go1.22.1'): Buffer {
  const header = Buffer.alloc(32);
  header.write(MAGIC, 'latin1');
  header.set([8, 2], 14);
  const modules = lines.length === 0 ? '' : `${MARK}${lines.join('\n')}\n${MARK}`;
  return Buffer.concat([header, counted(toolchain), counted(modules)]);
}

function elfOf(lines: readonly string[], toolchain?: string): Buffer {
  const bytes = buildInfo(lines, toolchain);
  return buildElf({ sections: [{ name: '.go.buildinfo', bytes, writable: true }] });
}

const namesOf = (findings: FileFindings): string[] =>
  (findings.components ?? []).map(
    ({ component: { namespace, name, version } }) =>
      `${namespace === undefined ? '' : `${namespace}/`}${name}@${version}`,
  );
const scan = (bytes: Uint8Array): FileFindings => goBinary.parse(viewOfBytes('bin/app', bytes));

const lines = [
  'path\texample.org/app/cmd/app',
  'mod\texample.org/app\tv1.2.3\th1:sum=',
  'dep\tgithub.com/BurntSushi/toml\tv1.3.2\th1:sum=',
  'dep\tgo\tv0.1.0\th1:sum=',
];
const expected = [
  'example.org/app@v1.2.3',
  'stdlib@1.22.1',
  'github.com/BurntSushi/toml@v1.3.2',
  'go@v0.1.0',
];

describe('a Go program', () => {
  it('names its main module, the standard library and its dependencies', () => {
    expect(namesOf(scan(elfOf(lines)))).toEqual(expected);
  });

  it('is explained by its main module', () => {
    const findings = scan(elfOf(lines));

    expect(findings.ownerships).toEqual([{ by: 'go-binary:bin/app', paths: 'bin/app' }]);
    expect(findings.components?.find(({ key }) => key === 'go-binary:bin/app')?.component).toEqual({
      type: 'golang',
      namespace: 'example.org',
      name: 'app',
      version: 'v1.2.3',
    });
  });

  it('names what a module was replaced by, without a version for a local folder', () => {
    const findings = scan(
      elfOf([
        'path\tm.org/a',
        'mod\tm.org/a\tv1.0.0\t',
        'dep\tm.org/b\tv1.0.0\t',
        '=>\tfork.org/b\tv1.0.1\th1:sum=',
        'dep\tm.org/c\tv1.0.0\t',
        '=>\t./c\t(devel)\t',
      ]),
    );

    expect(namesOf(findings)).toEqual([
      'm.org/a@v1.0.0',
      'stdlib@1.22.1',
      'fork.org/b@v1.0.1',
      'm.org/c@',
    ]);
  });

  it.each([
    ['states no version when built from a working copy', [], ''],
    ['takes the version its build stamped', ['-X main.version=1.2.3'], 'v1.2.3'],
    [
      'takes a stamp of its own packages',
      [`-X 'm.org/a/internal/v.Version=v2.0.0-rc1'`],
      'v2.0.0-rc1',
    ],
    [
      'takes the stamp of a shared version package',
      ['-X k8s.io/component-base/version.gitVersion=v1.30.0'],
      'v1.30.0',
    ],
    ['does not take the stamp of a dependency', ['-X m.org/b.Version=9.9.9'], ''],
    [
      'does not choose between two stamps',
      ['-X main.version=1.2.3 -X m.org/a/b.Version=1.2.4'],
      '',
    ],
    ['does not take a branch for a version', ['-X main.version=main'], ''],
  ])('%s', (_, flags, version) => {
    const settings = flags.map((value) => `build\t-ldflags=${JSON.stringify(`-s\t${value}`)}`);
    const findings = scan(elfOf(['path\tm.org/a', 'mod\tm.org/a\t(devel)\t', ...settings]));

    expect(namesOf(findings)[0]).toBe(`m.org/a@${version}`);
  });

  it('built without modules is named by the repository on its forge', () => {
    const findings = scan(elfOf(['path\tgithub.com/docker/cli/cmd/docker']));

    expect(namesOf(findings)).toEqual(['github.com/docker/cli@', 'stdlib@1.22.1']);
  });

  it.each([
    ['go1.21rc2', ['stdlib@1.21.0-rc.2']],
    ['go1.20', ['stdlib@1.20']],
    ['go1.22.1 X:boringcrypto', ['stdlib@1.22.1']],
    ['devel go1.23-3b4c5d', []],
  ])('of toolchain %s holds %j', (toolchain, names) => {
    expect(namesOf(scan(elfOf(['path\tcmd/go'], toolchain)))).toEqual(names);
  });

  it('older than Go 1.18 keeps its strings behind pointers, in either byte order', () => {
    for (const littleEndian of [true, false]) {
      for (const wide of [true, false]) {
        const file = pointedElf({ littleEndian, wide });

        expect(namesOf(scan(file))).toEqual([
          ...expected.slice(0, 1),
          'stdlib@1.17.5',
          ...expected.slice(2),
        ]);
      }
    }
  });

  it('is found without a section table, in a PE file and in each part of a universal file', () => {
    const bytes = buildInfo(lines);
    const padded = Buffer.concat([Buffer.alloc(16 * 20_000), bytes]);
    const machO = buildMachO([{ name: '__DATA,__go_buildinfo', bytes, writable: true }]);
    const stripped = { sections: [{ name: '', bytes: padded, writable: true }], stripped: true };

    expect(namesOf(scan(buildElf(stripped)))).toEqual(expected);
    expect(namesOf(scan(buildPe([{ name: '.data', bytes: padded, writable: true }])))).toEqual(
      expected,
    );
    expect(namesOf(scan(buildFatMachO([machO, machO])))).toEqual(expected);
  });

  it('that is not one is passed over without a word', () => {
    const mentions = { name: '.data', bytes: Buffer.from(`xx${MAGIC}`, 'latin1'), writable: true };

    expect(scan(buildElf({ sections: [mentions] }))).toEqual({});
    expect(scan(buildElf({ sections: [mentions], stripped: true }))).toEqual({});
    expect(scan(Buffer.from('#!/bin/sh\n'))).toEqual({});
  });

  it('that lies about lengths and pointers never makes the reader throw', () => {
    const seeds = [elfOf(lines), pointedElf({ littleEndian: true, wide: true })];
    const change = fc.tuple(fc.nat(700), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(change), (seed, changes) => {
        const file = Buffer.from(seed);
        for (const [at, value] of changes) if (at < file.length) file[at] = value;
        expect(scan(file).components?.length ?? 0).toBeLessThanOrEqual(20);
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => scan(bytes) !== undefined));
  });
});

function pointedElf(options: { readonly littleEndian: boolean; readonly wide: boolean }): Buffer {
  const { littleEndian, wide } = options;
  const size = wide ? 8 : 4;
  const texts = [Buffer.from('go1.17.5'), Buffer.from(`${MARK}${lines.join('\n')}\n${MARK}`)];
  const header = Buffer.alloc(32);
  const pairs = Buffer.alloc(4 * size);
  const sections: BuiltSection[] = [
    { name: '.go.buildinfo', bytes: header, writable: true },
    { name: '.rodata', bytes: pairs },
    ...texts.map((bytes, index) => ({ name: `.text${index}`, bytes })),
  ];
  const put = (target: Buffer, at: number, value: number): void => {
    if (size === 8 && littleEndian) target.writeBigUInt64LE(BigInt(value), at);
    else if (size === 8) target.writeBigUInt64BE(BigInt(value), at);
    else if (littleEndian) target.writeUInt32LE(value, at);
    else target.writeUInt32BE(value, at);
  };
  const addressOf = (index: number): number =>
    elfAddressOf({ sections, wide, littleEndian }, index);
  header.write(MAGIC, 'latin1');
  header.set([size, littleEndian ? 0 : 1], 14);
  texts.forEach((text, index) => {
    put(header, 16 + index * size, addressOf(1) + index * 2 * size);
    put(pairs, index * 2 * size, addressOf(2 + index));
    put(pairs, index * 2 * size + size, text.length);
  });
  return buildElf({ sections, wide, littleEndian });
}

const GO = findPart('go') ?? '';
const PROGRAMS = [
  '/usr/local/bin/docker',
  '/usr/bin/docker',
  '/usr/bin/dockerd',
  '/usr/sbin/dockerd',
  '/usr/bin/containerd',
  '/usr/bin/runc',
  '/usr/bin/docker-registry',
  '/usr/local/bin/terraform',
  GO,
].filter((path) => existsSync(path));

describeWith(['go'], 'real Go programs, against `go version -m`', () => {
  it.each(PROGRAMS)('%s', (program) => {
    const printed = execFileSync(GO, ['version', '-m', program], { encoding: 'utf8' });
    const release = /: go(\S+)/.exec(printed)?.[1];
    const modules: string[] = [];
    for (const line of printed.split('\n')) {
      const [, kind, path, version = ''] = line.split('\t');
      const stated = version === '(devel)' ? '' : version;
      if (kind === 'dep') modules.push(`${path}@${stated}`);
      if (kind === '=>' && path?.startsWith('.')) {
        modules.push(`${modules.pop()?.split('@')[0]}@`);
      } else if (kind === '=>') modules[modules.length - 1] = `${path}@${stated}`;
    }
    const main = /\n\tmod\t(\S+)\t/.exec(printed)?.[1];

    const names = withFile(program, (file) => namesOf(goBinary.parse(file)));

    expect(names).toContain(`stdlib@${release}`);
    if (main !== undefined) expect(names.some((name) => name.startsWith(`${main}@`))).toBe(true);
    const mainCount = main !== undefined || names[0] !== `stdlib@${release}` ? 1 : 0;
    expect(names.slice(mainCount + 1)).toEqual(modules);
  });
});
