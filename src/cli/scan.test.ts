import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  archiveOf,
  dockerArchive,
  type Files,
  ociFiles,
  sha256Hex,
  writeFiles,
} from '../../test/harness/image-files.ts';
import { tar } from '../../test/harness/tar.ts';
import type { ScannedImage } from '../model/catalogue.ts';
import { runScan } from './scan.ts';

const status = (...packages: string[]) =>
  packages
    .map(
      (name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1.0\nArchitecture: all\n`,
    )
    .join('\n');
const osRelease = { name: 'etc/os-release', body: 'ID=debian\nVERSION_ID="12"\n' };
const lower = tar(osRelease, { name: 'var/lib/dpkg/status', body: status('base') });
const upper = tar({ name: 'var/lib/dpkg/status', body: status('base', 'added') });
const purls = [
  'pkg:deb/debian/added@1.0?arch=all&distro=debian-12',
  'pkg:deb/debian/base@1.0?arch=all&distro=debian-12',
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wharfinger-test-'));
  process.env['WHARFINGER_CACHE'] = join(folder, 'cache');
});
afterEach(() => {
  delete process.env['WHARFINGER_CACHE'];
  rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const layout = (files: Files) => writeFiles(join(folder, 'layout'), files);

async function scan(...parameters: string[]) {
  let stdout = '';
  let stderr = '';
  const code = await runScan(parameters, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  // No message of ours shows where in the code it was made.
  expect(stderr).not.toMatch(/\n\s+at /);
  return { code, stdout, stderr };
}

async function scanned(...parameters: string[]): Promise<ScannedImage> {
  const { code, stdout, stderr } = await scan(...parameters, '--format', 'json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return JSON.parse(stdout) as ScannedImage;
}

describe('a scan finds the same', () => {
  const targets: Record<string, () => string> = {
    'OCI layout': () => `oci:${layout(ociFiles([lower, upper]))}`,
    'OCI layout by its tag': () => `oci:${layout(ociFiles([lower, upper]))}:test`,
    'OCI archive': () => `oci-archive:${put('a.tar', archiveOf(ociFiles([lower, upper])))}`,
    'docker archive': () => `docker-archive:${put('a.tar', dockerArchive([lower, upper]))}`,
    'docker archive that is guessed': () => put('a.tar', dockerArchive([lower, upper])),
    'OCI archive that is guessed': () => put('a.tar', archiveOf(ociFiles([lower, upper]))),
    'OCI layout that is guessed': () => layout(ociFiles([lower, upper])),
  };
  it.each(Object.keys(targets))('in an %s', async (name) => {
    const { catalogue, image } = await scanned(targets[name]?.() ?? '');

    expect(catalogue.components.map(({ purl, locations }) => [purl, locations[0]?.layer])).toEqual([
      [purls[0], 1],
      [purls[1], 0],
    ]);
    // Each is named by the digest that was computed: of what an OCI manifest states, or of the tar.
    const named = (bytes: Buffer) =>
      name.startsWith('OCI')
        ? { digest: `sha256:${sha256Hex(gzipSync(bytes))}` }
        : { digest: `sha256:${sha256Hex(bytes)}`, diffId: `sha256:${sha256Hex(bytes)}` };
    expect(catalogue.layers).toMatchObject([
      { ...named(lower), createdBy: 'step 0' },
      { ...named(upper), createdBy: 'step 1' },
    ]);
    expect(catalogue.layers.some(({ diffId }) => diffId !== undefined)).toBe(
      name.startsWith('docker'),
    );
    expect(image.labels).toEqual({ made: 'by hand' });
  });

  it('in a plain folder, without following a link out of it', async () => {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'var/lib/dpkg/status'), status('base', 'added'));
    writeFileSync(join(root, 'etc/os-release'), osRelease.body);
    symlinkSync('/', join(root, 'outside'));
    execFileSync('mkfifo', [join(root, 'usr-bin-pipe')]);

    const { catalogue } = await scanned(`dir:${root}`);

    expect(catalogue.components.map(({ purl }) => purl)).toEqual(purls);
    expect(catalogue.executables.total).toBe(0);
  });

  it('the second time, when it reads no layer any more', async () => {
    const place = layout(ociFiles([lower, upper]));
    const first = await scanned(`oci:${place}`);
    for (const name of readdirSync(join(place, 'blobs/sha256'))) {
      const blob = join(place, 'blobs/sha256', name);
      if (readFileSync(blob)[0] === 0x1f) writeFileSync(blob, 'not read');
    }

    expect(await scanned(`oci:${place}`)).toEqual(first);
    expect((await scan(`oci:${place}`, '--no-cache')).code).toBe(1);
    // The same layers uncompressed: both digests were computed when they were read.
    const archive = dockerArchive([lower, upper]);
    expect((await scanned(put('b.tar', archive))).catalogue.components).toEqual(
      first.catalogue.components,
    );
  });
});

describe('an SBOM', () => {
  const sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    components: [
      { type: 'library', name: 'left-pad', version: '1.3.0', purl: 'pkg:npm/left-pad@1.3.0' },
    ],
  };

  it('is shown as its author states it', async () => {
    const { stdout, stderr, code } = await scan(put('a.json', JSON.stringify(sbom)));

    expect(code).toBe(0);
    expect(stderr).toContain('Taken as sbom:');
    expect(stdout).toContain('Stated in   CycloneDX 1.6');
    expect(stdout).toContain('pkg:npm/left-pad@1.3.0');
  });

  it('is not passed on as an SBOM of ours', async () => {
    const { code } = await scan(put('a.json', JSON.stringify(sbom)), '--format', 'spdx');

    expect(code).toBe(1);
  });
});

describe('of several platforms', () => {
  const both = () => layout(ociFiles([lower], { platforms: ['linux/s390x', 'linux/arm64'] }));

  it('it takes the one asked for', async () => {
    const { image } = await scanned(`oci:${both()}`, '--platform', 'linux/arm64');

    expect(image.platform).toEqual({ os: 'linux', architecture: 'arm64' });
  });

  it('it names those there are when the one asked for is not', async () => {
    const { code, stderr } = await scan(`oci:${both()}`, '--platform', 'linux/riscv64');

    expect(code).toBe(1);
    expect(stderr).toContain('There are: linux/s390x, linux/arm64.');
  });
});

it('repeats no digest that an OCI config claims of what a layer inflates to', async () => {
  const claimed = `sha256:${'0'.repeat(64)}`;
  const lying = layout(ociFiles([lower], { diffIds: [claimed] }));

  const { code, stdout } = await scan(lying, '--format', 'json');

  expect(code).toBe(0);
  expect(stdout).toContain(sha256Hex(gzipSync(lower)));
  expect(stdout).not.toContain(claimed);
});

describe('what is bad as a whole ends a scan with a sentence and exit code 1', () => {
  const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`;
  const files = ociFiles([lower]);
  const without = (part: string) => new Map([...files].filter(([path]) => !path.startsWith(part)));
  const wrongBlob = () =>
    new Map(
      [...files].map(([path, bytes]) => [
        path,
        bytes[0] === 0x1f ? Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')]) : bytes,
      ]),
    );
  const cases: readonly (readonly [string, () => string, RegExp])[] = [
    ['a wrong digest', () => layout(wrongBlob()), /^Layer 1 of 1 has the digest/m],
    [
      'a config with too few layers',
      () => layout(ociFiles([lower], { diffIds: [] })),
      /has 1 layers, and its config names 0/,
    ],
    ['no index', () => layout(without('index.json')), /lacks index.json/],
    ['no blobs', () => layout(without('blobs')), /lacks blobs\/sha256/],
    [
      'a layer of another kind',
      () => layout(ociFiles([lower], { layerType: 'text/plain' })),
      /media type text\/plain/,
    ],
    [
      'a manifest of another kind',
      () => layout(ociFiles([lower], { manifestType: 'application/vnd.oci.image.index.v1+json' })),
      /\.json|announced|media type/,
    ],
    [
      'JSON 1,000 levels deep',
      () => layout(ociFiles([lower], { config: Buffer.from(deep) })),
      /levels deep/,
    ],
    [
      'a config of 200 MB',
      () => layout(ociFiles([lower], { config: Buffer.alloc(200_000_000, ' ') })),
      /200000000 bytes/,
    ],
    [
      'a docker archive that lies',
      () => put('a.tar', dockerArchive([lower], { diffIds: [`sha256:${'0'.repeat(64)}`] })),
      /image's config says/,
    ],
    [
      'a truncated docker archive',
      () => {
        const file = put('a.tar', dockerArchive([lower]));
        truncateSync(file, 1200);
        return `docker-archive:${file}`;
      },
      /truncated/,
    ],
    [
      'an archive that climbs out',
      () => put('a.tar', dockerArchive([lower], { parts: [{ name: '../x', body: 'x' }] })),
      /leaves it/,
    ],
    ['a file that is not there', () => 'oci:/nowhere/at/all', /cannot be read/],
  ];
  it.each(cases)('%s', async (_, target, says) => {
    const { code, stdout, stderr } = await scan(target(), '--no-cache');

    expect(stdout).toBe('');
    expect(stderr).toMatch(says);
    expect(code).toBe(1);
  });
});

describe('what is bad inside makes the catalogue partial', () => {
  const broken = tar(
    osRelease,
    { name: '../up', body: 'x' },
    { name: 'var/lib/dpkg/status', body: status('base') },
  );

  it('with exit code 0, or 1 with --strict', async () => {
    const place = `docker-archive:${put('a.tar', dockerArchive([broken]))}`;
    const lax = await scan(place);
    const strict = await scan(place, '--strict');

    expect([lax.code, strict.code]).toEqual([0, 1]);
    expect(lax.stderr).toContain('../up (layer 0): This path leaves the image');
    expect(lax.stdout).toContain('base');
  });

  it('and sends no escape sequence to the terminal', async () => {
    const evil = tar({ name: 'a\u001b[2J/../../b\u009b', body: 'x' }, osRelease);
    const { stdout, stderr } = await scan(put('a.tar', dockerArchive([evil])));

    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('the output', () => {
  const target = () => put('a.tar', dockerArchive([lower]));

  it.each(['cyclonedx', 'spdx', 'json'])('is JSON as %s', async (format) => {
    const { stdout } = await scan(target(), '--format', format);

    expect(stdout).toContain('pkg:deb/debian/base@1.0');
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  });

  it('replaces a file as a whole, through a link, and leaves nothing beside it', async () => {
    const real = put('report.json', 'old');
    symlinkSync(real, join(folder, 'link.json'));

    expect((await scan(target(), '--format', 'json', '-o', join(folder, 'link.json'))).code).toBe(
      0,
    );

    expect(JSON.parse(readFileSync(real, 'utf8'))).toHaveProperty('catalogue');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is written through to a device', async () => {
    expect((await scan(target(), '-o', '/dev/null')).code).toBe(0);
    expect(existsSync('/dev/null')).toBe(true);
  });

  it('that cannot be written is one sentence', async () => {
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o500);

    const { code, stderr } = await scan(target(), '-o', join(folder, 'no', 'such', 'folder'));

    expect(code).toBe(1);
    expect(stderr).toContain('could not be written');
  });
});

it.each([
  [[], 'scan needs a TARGET'],
  [['a', 'b'], 'a second'],
  [['a', '--format', 'xml'], '--format is one of'],
  [['a', '--platform', 'arm64'], 'OS/ARCH'],
  [['a', '--colour'], 'colour'],
])('%j is wrong use, exit code 2', async (parameters, says) => {
  const { code, stderr } = await scan(...parameters);

  expect(code).toBe(2);
  expect(stderr).toContain(says);
});
