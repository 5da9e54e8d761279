import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { buildElf } from '../../../../test/harness/executable-builder.ts';
import { viewOfBytes, withFile } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { genericBinary } from './generic-binary.ts';

const programOf = (text: string): Buffer =>
  buildElf({ sections: [{ name: '.rodata', bytes: Buffer.from(text, 'latin1') }] });

const scan = (path: string, bytes: Uint8Array): FileFindings => {
  const file = viewOfBytes(path, bytes);
  const isWanted =
    genericBinary.wants?.(path, file.size) ||
    genericBinary.recognises?.(bytes.subarray(0, 64), path, file.size);
  return isWanted ? genericBinary.parse(file) : {};
};

const nameOf = (findings: FileFindings): string =>
  (findings.components ?? [])
    .map(({ component }) => `${component.type}/${component.name}@${component.version}`)
    .join(' ');

describe('a program that states its version', () => {
  it.each<[string, string, string]>([
    ['usr/local/bin/node', 'x node.js/v24.1.0\0 y', 'node@24.1.0'],
    ['usr/local/bin/node', '\0node v0.10.48\0', 'node@0.10.48'],
    ['usr/local/lib/libpython3.12.so.1.0', '\x003.12.4\0', 'python@3.12.4'],
    ['usr/local/bin/python3.14', '\x003.14.0rc2\0', 'python@3.14.0rc2'],
    ['usr/local/bin/php', 'X-Powered-By: PHP/8.3.1\0', 'php@8.3.1'],
    [
      'usr/local/bin/redis-server',
      '\x007.0.14buildkitsandbox-1702957741000000000\0',
      'redis@7.0.14',
    ],
    ['usr/local/bin/redis-server', '\x006.0.16964eac4733d9-1673428630000000000\0', 'redis@6.0.16'],
    ['usr/bin/redis-check-rdb', '\x007.0.151790282056000000000\0', 'redis@7.0.15'],
    ['usr/local/bin/valkey-server', 'valkey9.0.0host-1764887574000000000\0', 'valkey@9.0.0'],
    ['usr/sbin/nginx', 'nginx version: nginx/1.27.0\n', 'nginx@1.27.0'],
    ['usr/sbin/nginx', 'nginx version: openresty/1.21.4.3\n', 'openresty@1.21.4.3'],
    ['usr/local/apache2/bin/httpd', '\0Apache/2.4\0Apache/2.4.62 (Unix)', 'httpd@2.4.62'],
    ['usr/local/bin/postgres', 'PostgreSQL 17.2 on x86_64-pc', 'postgresql@17.2'],
    ['usr/local/bin/postgres', 'PostgreSQL 18beta1 (Debian 18', 'postgresql@18beta1'],
    ['usr/sbin/mariadbd', '\x0011.4.2-MariaDB-ubu2404\0', 'mariadb@11.4.2'],
    ['usr/bin/mongod', '\x007.0.28\0heap_size\0stack\0', 'mongodb@7.0.28'],
    ['usr/local/bin/memcached', '\0memcached 1.6.31\0', 'memcached@1.6.31'],
    ['usr/local/sbin/haproxy', ' version 3.0.2-a45a8e6, released 2024/06/14\0', 'haproxy@3.0.2'],
    ['usr/local/bin/ruby', '\0ruby 3.3.0 (2023-12-25 revision 5124f9ac75)', 'ruby@3.3.0'],
    ['usr/local/bin/ruby', '\0ruby 1.9.3p551 (2014-11-13 revision 48407)', 'ruby@1.9.3p551'],
    ['usr/local/bin/perl', '\0v5.40.0\0', 'perl@5.40.0'],
    ['bin/[', '\0BusyBox v1.36.1 (2024-06-10)', 'busybox@1.36.1'],
    ['usr/local/bin/bash', '@(#)Bash version 5.2.26(1) release GNU', 'bash@5.2.26'],
    ['usr/lib/libcrypto.so.3', '\0OpenSSL 3.3.1 4 Jun 2024\0', 'openssl@3.3.1'],
    ['usr/local/bin/gcc', 'GCC: (GNU) 14.1.0\0', 'gcc@14.1.0'],
  ])('%s holding %j', (path, text, expected) => {
    expect(nameOf(scan(path, programOf(text)))).toBe(`generic/${expected}`);
  });

  it('is found across the windows it is read in', () => {
    const marker = 'nginx version: nginx/1.27.0\n';
    for (const place of [1024 * 1024 - 200, 1024 * 1024 - 10, 3 * 1024 * 1024]) {
      const text = `${' '.repeat(place)}${marker}`;

      expect(nameOf(scan('usr/sbin/nginx', programOf(text)))).toBe('generic/nginx@1.27.0');
    }
  });

  it.each<[string, string, string]>([
    ['of another name', 'usr/bin/tool', 'nginx version: nginx/1.27.0\n'],
    [
      'that names what it was built with',
      'usr/sbin/nginx',
      'built with OpenSSL 3.0.2 15 Mar 2022\0',
    ],
    ['with a pattern but no number', 'usr/sbin/nginx', 'nginx version: nginx/%s\n'],
    ['of one version holding another', 'usr/bin/python3.11', '\x003.12.4\0'],
    ['with an address like a version', 'usr/bin/python3.1', '\x003.1.2.4\0'],
    ['that mentions a rival', 'usr/bin/mysqld', 'for example 10.1.1-MariaDB-x\0'],
  ])('%s is not taken for what it is not', (_, path, text) => {
    expect(scan(path, programOf(text))).toEqual({});
  });

  it('is none when it is a script of that name', () => {
    expect(scan('usr/bin/php', Buffer.from('#!/bin/sh\nX-Powered-By: PHP/8.3.1\n'))).toEqual({});
  });

  it('explains itself and what came with it', () => {
    const program = programOf('\x003.12.4\0');

    expect(scan('usr/local/lib/libpython3.12.so.1.0', program).ownerships).toEqual([
      {
        by: 'generic-binary:usr/local/lib/libpython3.12.so.1.0',
        paths: [
          'usr/local/lib/libpython3.12.so.1.0',
          'usr/local/bin/python3.12',
          'usr/local/lib/python3.12/lib-dynload/',
          'usr/local/lib/libpython3.so',
        ].join('\n'),
      },
    ]);
  });

  it('never makes the cataloguer throw, whatever its bytes and its name are', () => {
    const names = ['node', 'python3.11', 'redis-server', 'libjulia-internal.so.1.2.3', 'mariadbd'];
    const words = [
      '000000000\0',
      '\x003.11.',
      '-MariaDB',
      'node.js/v',
      '\0branch\0commit\0',
      '1.2.3',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(fc.oneof(fc.constantFrom(...words), fc.string())),
        (name, parts) => {
          const found = scan(`usr/bin/${name}`, programOf(parts.join('')));
          expect(found.components?.length ?? 0).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a file by which software states its version', () => {
  const text = (path: string, ...lines: string[]): string =>
    nameOf(scan(path, Buffer.from(`${lines.join('\n')}\n`)));

  it.each<[string, string, string]>([
    ['usr/local/go/VERSION', 'go1.22.1\ntime 2024-02-29', 'go@1.22.1'],
    ['usr/local/lib/erlang/releases/27/OTP_VERSION', '27.0.1', 'erlang@27.0.1'],
    ['usr/local/lib/elixir/lib/elixir/ebin/elixir.app', '{vsn,"1.17.2"},', 'elixir@1.17.2'],
    ['var/www/html/wp-includes/version.php', "$wp_version = '6.6.1';", 'wordpress@6.6.1'],
  ])('%s holding %j', (path, content, expected) => {
    expect(text(path, content)).toBe(`generic/${expected}`);
  });

  it('names a Java runtime by who counts its versions, in the words of `java -version`', () => {
    const release = 'opt/java/openjdk/release';
    const temurin = ['IMPLEMENTOR="Eclipse Adoptium"', 'JAVA_RUNTIME_VERSION="21.0.4+7-LTS"'];

    expect(text(release, ...temurin, 'JAVA_VERSION="21.0.4"')).toBe('generic/openjdk@21.0.4+7-LTS');
    expect(text(release, 'JAVA_VERSION="1.8.0_411"', 'BUILD_TYPE="commercial"')).toBe(
      'generic/oracle-java@1.8.0_411',
    );
    expect(text(release, 'IMPLEMENTOR="Azul Systems, Inc."', 'JAVA_VERSION="21.0.4"')).toBe(
      'generic/zulu@21.0.4',
    );
    expect(text('etc/release', 'VERSION="12"')).toBe('');
  });

  it('of a Java runtime explains its whole folder', () => {
    const findings = scan('opt/java/openjdk/release', Buffer.from('JAVA_VERSION="21.0.4"\n'));

    expect(findings.ownerships?.[0]?.paths.split('\n')).toContain('opt/java/openjdk/');
  });
});

/** Debian packages, the program in each, and what it should be called. */
const PACKAGES: readonly (readonly [name: string, path: string, product: string])[] = [
  ['perl-base', 'usr/bin/perl', 'perl'],
  ['bash', 'bin/bash', 'bash'],
  ['nginx', 'usr/sbin/nginx', 'nginx'],
  ['redis-tools', 'usr/bin/redis-check-rdb', 'redis'],
  ['haproxy', 'usr/sbin/haproxy', 'haproxy'],
  ['memcached', 'usr/bin/memcached', 'memcached'],
  ['busybox-static', 'bin/busybox', 'busybox'],
  ['python3.11-minimal', 'usr/bin/python3.11', 'python'],
  ['lighttpd', 'usr/sbin/lighttpd', 'lighttpd'],
  ['apache2-bin', 'usr/sbin/apache2', 'httpd'],
  ['libruby3.1', 'usr/lib/x86_64-linux-gnu/libruby-3.1.so.3.1.2', 'ruby'],
  ['tini', 'usr/bin/tini', 'tini'],
];

/** The version of a package that is installed here. */
function installedVersion(name: string): string | undefined {
  const format = '${db:Status-Status} ${Version}';
  try {
    const printed = execFileSync('dpkg-query', ['-W', '-f', format, name], { stdio: 'pipe' });
    return /^installed (\S+)$/.exec(printed.toString())?.[1];
  } catch {
    return undefined;
  }
}

/** Fetches and unpacks a package where the archive can be reached; answers with its version. */
function fetchPackage(name: string, folder: string): string | undefined {
  try {
    const options = { cwd: folder, stdio: 'ignore', timeout: 20_000 } as const;
    execFileSync('apt-get', ['download', '-q', name], options);
    const deb = readdirSync(folder).find((file) => file.startsWith(`${name}_`)) ?? '';
    execFileSync('dpkg-deb', ['-x', deb, name], options);
    return decodeURIComponent(deb.split('_')[1] ?? '');
  } catch {
    return undefined;
  }
}

describeWith(['dpkg-query'], 'real programs of Debian', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-generic-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('state the version of the package they come from, installed or fetched', () => {
    const told: string[] = [];
    const expected: string[] = [];
    let isReachable = existsSync('/usr/bin/apt-get');
    for (const [name, path, product] of PACKAGES) {
      const installed = existsSync(`/${path}`) ? installedVersion(name) : undefined;
      const fetched = !installed && isReachable ? fetchPackage(name, folder) : undefined;
      // One package that does not come is enough to stop asking: there may be no network.
      if (!installed && !fetched) isReachable = false;
      const version = installed ?? fetched;
      if (version === undefined) continue;
      const file = installed ? `/${path}` : join(folder, name, path);
      told.push(withFile(file, (view) => nameOf(genericBinary.parse(view))));
      const upstream = /^(?:\d+:)?(\d+(?:\.\d+)+)/.exec(version)?.[1];
      expected.push(`generic/${product}@${upstream}`);
    }

    expect(told).toEqual(expected);
    // Debian is never without these two.
    expect(told.length).toBeGreaterThanOrEqual(2);
  });
});
