import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { testData } from '../../../../test/harness/vectors.ts';
import { dpkg } from './dpkg.ts';

const STATUS = 'var/lib/dpkg/status';

const parse = (path: string, content: string | Uint8Array) =>
  dpkg.parse(
    viewOfBytes(path, typeof content === 'string' ? new TextEncoder().encode(content) : content),
  );

const componentsOf = (content: string, path = STATUS) =>
  (parse(path, content).components ?? []).map((found) => found.component);

const stanza = (...lines: string[]) =>
  ['Package: bash', 'Status: install ok installed', 'Version: 5.2-1', ...lines].join('\n');

describe('what dpkg files are read', () => {
  const wanted = [
    'var/lib/dpkg/status',
    'var/lib/dpkg/status.d/base',
    'var/lib/dpkg/status.d/base.md5sums',
    'var/lib/dpkg/info/bash.list',
    'var/lib/dpkg/diversions',
    'usr/share/doc/bash/copyright',
    'usr/lib/opkg/status',
    'usr/lib/opkg/info/busybox.control',
    'usr/lib/opkg/info/busybox.list',
    'var/lib/opkg/status',
  ];
  const unwanted = [
    'var/lib/dpkg/status-old',
    'var/lib/dpkg/status.d/',
    'var/lib/dpkg/status.d/x/y',
    'var/lib/dpkg/info/bash.md5sums',
    'var/lib/dpkg/available',
    'opt/rootfs/var/lib/dpkg/status',
    'usr/share/doc/bash/examples/copyright',
    'usr/share/doc/copyright',
    'usr/share/doc/bash/README',
    'usr/lib/opkg/info/busybox.conffiles',
    'usr/lib/opkg/lists/status',
  ];
  it.each(wanted)('reads %s', (path) => expect(dpkg.wants?.(path, 1)).toBe(true));
  it.each(unwanted)('leaves %s', (path) => expect(dpkg.wants?.(path, 1)).toBe(false));
});

describe('a dpkg status file', () => {
  it('yields name, version with epoch, architecture and source', () => {
    const text = [
      'Package: libc6-dev',
      'Status: install ok installed',
      'Architecture: amd64',
      'Source: glibc (2.36-9)',
      'Version: 1:2.36-9+b1',
      'Description: headers',
      ' Version: 9 is not a field here',
      '',
    ].join('\n');

    expect(parse(STATUS, text)).toEqual({
      components: [
        {
          key: 'deb:libc6-dev',
          component: {
            type: 'deb',
            name: 'libc6-dev',
            version: '1:2.36-9+b1',
            qualifiers: { arch: 'amd64' },
            source: { name: 'glibc', version: '2.36-9' },
          },
        },
      ],
    });
  });

  it('leaves the source version empty where it is not stated apart', () => {
    expect(componentsOf(stanza('Source: bash-src'))[0]?.source).toEqual({
      name: 'bash-src',
      version: '',
    });
    expect(componentsOf(stanza())[0]).not.toHaveProperty('source');
  });

  it.each([
    ['install ok installed', true],
    ['deinstall ok installed', true],
    ['hold ok installed', true],
    ['install ok unpacked', true],
    ['install ok half-configured', true],
    ['install ok triggers-awaited', true],
    ['install ok triggers-pending', true],
    ['install reinstreq half-installed', true],
    ['deinstall ok config-files', false],
    ['purge ok not-installed', false],
  ])('a package in state %s counts: %s', (status, counts) => {
    const text = `Package: a\nStatus: ${status}\nVersion: 1\n`;
    expect(componentsOf(text)).toHaveLength(counts ? 1 : 0);
  });

  it('takes a stanza without Status for not installed, as dpkg does', () => {
    expect(componentsOf('Package: a\nVersion: 1\n')).toEqual([]);
  });

  it('joins a package that installs for several architectures by both of its keys', () => {
    const text = stanza('Architecture: amd64', 'Multi-Arch: same');
    const keys = parse(STATUS, text).components?.map((found) => found.key);
    expect(keys).toEqual(['deb:bash', 'deb:bash:amd64']);
  });

  it('joins any other package by its name alone', () => {
    const text = stanza('Architecture: amd64', 'Multi-Arch: foreign');
    expect(parse(STATUS, text).components?.map((found) => found.key)).toEqual(['deb:bash']);
  });

  it('reads field names in any case and carriage returns', () => {
    const text = 'PACKAGE: a\r\nstatus: install ok installed\r\nVersion: 1\r\n\r\n';
    expect(componentsOf(text)).toEqual([{ type: 'deb', name: 'a', version: '1' }]);
  });

  it('keeps the packages around a broken stanza, and says which one is broken', () => {
    const text = ['Package: a\nVersion: 1', 'Status: install ok installed', 'oops', '']
      .concat('Status: install ok installed\nVersion: 2\n')
      .concat('Package: c\nStatus: install ok installed\n')
      .concat('Package: d\nStatus: install ok installed\nVersion: 4')
      .join('\n');

    const findings = parse(STATUS, text);

    expect(findings.components?.map((found) => found.component.name)).toEqual(['a', 'd']);
    expect(findings.problems).toEqual([
      'Stanza 1 has a line that is not a field.',
      'Stanza 2 has no Package field that names one.',
      'Stanza 3 (c) has no Version field that states one.',
    ]);
  });

  it.each([
    ['Package: a\u001b[2J\nVersion: 1', 'Stanza 1 has no Package field that names one.'],
    ['Package: a b\nVersion: 1', 'Stanza 1 has no Package field that names one.'],
    ['Package: a\nVersion: 1\u202e2', 'Stanza 1 (a) has no Version field that states one.'],
  ])(
    'takes no name or version that could steer a terminal or mislead a reader',
    (text, problem) => {
      expect(parse(STATUS, `${text}\nStatus: install ok installed\n`)).toEqual({
        components: [],
        problems: [problem],
      });
    },
  );

  it('leaves out an architecture or source that no package could have', () => {
    const [component] = componentsOf(stanza('Architecture: a b', 'Source: x\u0007 (1)'));
    expect(component).toEqual({ type: 'deb', name: 'bash', version: '5.2-1' });
  });

  it('refuses a value no real package has', () => {
    const text = `Package: ${'a'.repeat(5000)}\nStatus: install ok installed\nVersion: 1\n`;
    expect(parse(STATUS, text)).toEqual({
      components: [],
      problems: [
        'The Package field of stanza 1 is too long to be one.',
        'Stanza 1 has no Package field that names one.',
      ],
    });
  });
});

describe('status.d of distroless images', () => {
  it('takes a stanza without Status for installed', () => {
    const text = 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\n';
    const findings = parse('var/lib/dpkg/status.d/base', text);
    expect(findings.components?.map((found) => found.component.name)).toEqual([
      'base-files',
      'base-files',
    ]);
  });

  it('joins its file list by the name of the file, which need not be the package', () => {
    const text = 'Package: base-files\nVersion: 12.4\n';
    const keys = parse('var/lib/dpkg/status.d/base', text).components?.map((found) => found.key);
    const sums = `${'0'.repeat(32)}  usr/lib/os-release\n`;

    expect(keys).toEqual(['deb:base-files', 'deb:base']);
    expect(parse('var/lib/dpkg/status.d/base.md5sums', sums)).toEqual({
      ownerships: [{ by: 'deb:base', paths: 'usr/lib/os-release' }],
    });
  });

  it('reads md5sums with climbing dots, slashes and a missing last newline', () => {
    const digest = 'a'.repeat(32);
    const sums = `${digest}  ./usr/a b\n\nnonsense\n${digest} */usr/c\n${digest}  usr/d`;
    expect(parse('var/lib/dpkg/status.d/x.md5sums', sums).ownerships?.[0]?.paths).toBe(
      'usr/a b\nusr/c\nusr/d',
    );
  });
});

describe('a file list of dpkg', () => {
  it('names paths without their leading slash, by the key of the list', () => {
    const text = '/.\n/usr\n/usr/bin\n/usr/bin/bash\n/usr/share/doc/ä b\n';
    expect(parse('var/lib/dpkg/info/libc6:amd64.list', text).ownerships?.[0]).toEqual({
      by: 'deb:libc6:amd64',
      paths: 'usr\nusr/bin\nusr/bin/bash\nusr/share/doc/ä b',
    });
  });

  it('leaves diverted files to the package they were moved aside for', () => {
    const text = '/bin/sh\n/bin/sh.distrib\ndash\n/a\n/b\n:\n/c\n/d/\nx\n/e\n/f\n';
    expect(parse('var/lib/dpkg/diversions', text)).toEqual({
      ownerships: [{ by: 'deb:dash', paths: 'bin/sh.distrib' }],
    });
  });

  it("explains the package's maintainer scripts, which it does not name", () => {
    const [, scripts] = parse('var/lib/dpkg/info/libc6:amd64.list', '/.\n').ownerships ?? [];
    expect(scripts?.by).toBe('deb:libc6:amd64');
    expect(scripts?.paths.split('\n')).toContain('var/lib/dpkg/info/libc6:amd64.postinst');
  });

  it.each(['', '/.\n', '/\n'])('that is empty (%j) names none', (text) => {
    expect(parse('var/lib/dpkg/info/x.list', text).ownerships?.[0]?.paths).toBe('');
  });

  it('never claims all below a folder, which a slash at the end would mean', () => {
    const text = '/.\n/usr/\n/usr/bin/\n/usr/bin/x\n/opt//';
    expect(parse('var/lib/dpkg/info/x.list', text).ownerships?.[0]?.paths).toBe(
      'usr\nusr/bin\nusr/bin/x\nopt',
    );
  });

  it("reads opkg's, which may state mode and target", () => {
    const text = '/bin/busybox\t0100755\n/bin/sh\t0120777\tbusybox\n';
    expect(parse('usr/lib/opkg/info/busybox.list', text).ownerships?.[0]).toEqual({
      by: 'opkg:busybox',
      paths: 'bin/busybox\nbin/sh',
    });
  });
});

describe('a copyright file', () => {
  const licencesOf = (text: string) => parse('usr/share/doc/bash/copyright', text).licences;

  it('states the short names of a machine-readable file once each, in its order', () => {
    const text = [
      'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
      '',
      'Files: *',
      'License: GPL-2+ or Artistic',
      '',
      'Files: x',
      'License: Expat',
      ' Permission is hereby granted',
      ' License: no field',
      'License: GPL-2+ or Artistic',
      'License: GPL-2 with OpenSSL exception',
      'License: Permission to use, copy and modify this software',
      'License:',
    ].join('\n');

    expect(licencesOf(text)).toEqual([
      {
        of: 'deb:bash',
        licences: ['GPL-2+ or Artistic', 'Expat', 'GPL-2 with OpenSSL exception'],
      },
    ]);
  });

  it('states the common licences that a free text refers to', () => {
    const text =
      'License: see below\n`/usr/share/common-licenses/GPL-2.\n/usr/share/common-licenses/Apache-2.0';
    expect(licencesOf(text)?.[0]?.licences).toEqual(['GPL-2', 'Apache-2.0']);
  });

  it('states nothing where it names none', () => {
    expect(licencesOf('It is in the public domain.')).toBeUndefined();
  });
});

describe("opkg's files", () => {
  it('are components of their own type', () => {
    const text = 'Package: ubus\nVersion: 2024.10.20~252a9b0c-r1\nStatus: install user installed\n';
    expect(componentsOf(`${text}Architecture: x86_64\n`, 'usr/lib/opkg/status')).toEqual([
      {
        type: 'opkg',
        name: 'ubus',
        version: '2024.10.20~252a9b0c-r1',
        qualifiers: { arch: 'x86_64' },
      },
    ]);
  });

  it('state the licence in the control file', () => {
    const text = 'Package: ubus\nLicense: LGPL-2.1\n';
    expect(parse('usr/lib/opkg/info/ubus.control', text)).toEqual({
      licences: [{ of: 'opkg:ubus', licences: ['LGPL-2.1'] }],
    });
  });
});

describe('hostile bytes', () => {
  const paths = [
    STATUS,
    'var/lib/dpkg/status.d/x',
    'var/lib/dpkg/status.d/x.md5sums',
    'var/lib/dpkg/info/x.list',
    'var/lib/dpkg/diversions',
    'usr/share/doc/x/copyright',
    'usr/lib/opkg/status',
    'usr/lib/opkg/info/x.control',
    'usr/lib/opkg/info/x.list',
  ];

  it.each(paths)('never make reading %s throw', (path) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(parse(path, bytes).components?.length ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it('never lose the packages behind a stanza with changed bytes', () => {
    const before = stanza('Architecture: amd64', 'Multi-Arch: same', 'Source: x (1)');
    const change = fc.record({
      at: fc.nat(before.length - 1),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(
          `${before}\n\nPackage: last\nVersion: 9\nStatus: x y installed\n`,
        );
        for (const { at, byte } of changes) bytes[at] = byte;
        const { components = [], problems = [] } = parse(STATUS, bytes);
        expect(components.at(-1)?.component).toMatchObject({ name: 'last', version: '9' });
        for (const problem of problems) expect(problem).toMatch(/^\P{Cc}+\.$/u);
      }),
    );
  });
});

const vectors = testData('vectors', 'packages', 'dpkg', 'dpkg');
const readable = ['single', 'statusfield', 'trailingnewlines', 'transitional', 'valid'];

describeWith(['test-data', 'dpkg-query'], 'against dpkg-query on the same file', () => {
  it.each([...readable, 'transitional_dummy', 'transitional_empty'])('%s', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'wharfinger-dpkg-'));
    try {
      mkdirSync(join(folder, 'info'));
      writeFileSync(join(folder, 'available'), '');
      copyFileSync(join(vectors, name), join(folder, 'status'));
      const format =
        '${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package}\\n';
      const query = ['--admindir', folder, '-W', '-f', format];
      // It warns of fields that these stanzas leave out.
      const output = execFileSync('dpkg-query', query, { stdio: ['ignore', 'pipe', 'ignore'] });
      const expected = output
        .toString()
        .trimEnd()
        .split('\n')
        .filter((line) => !/^(?:config-files|not-installed) /.test(line))
        .map((line) => line.slice(line.indexOf(' ') + 1))
        .sort();

      const found = componentsOf(readFileSync(join(vectors, name), 'utf8')).map((component) =>
        [
          component.name,
          component.version,
          component.qualifiers?.['arch'] ?? '',
          component.source?.name ?? component.name,
        ].join(' '),
      );

      expect([...new Set(found)].sort()).toEqual(expected);
      expect(expected.length).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describeWith(['test-data'], 'stanzas that dpkg would refuse', () => {
  const namesOf = (...path: string[]) =>
    componentsOf(readFileSync(join(vectors, ...path), 'utf8')).map((component) => component.name);

  it('leave the others of their file', () => {
    expect(namesOf('nopackage')).toEqual(['foo', 'bar']);
    expect(namesOf('noversion')).toEqual(['foo', 'bar']);
    expect(namesOf('invalid')).toEqual([]);
  });
});
