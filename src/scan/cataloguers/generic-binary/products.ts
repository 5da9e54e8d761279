import type { Probe } from './probe.ts';

/** Software that images carry as a program outside any package manager. */
export type Product = {
  /** The purl name: `pkg:generic/NAME@VERSION`. */
  readonly name: string;
  /** Is a file of this name perhaps it? The program must also hold the version where it belongs. */
  readonly isNamed: (fileName: string) => boolean;
  /** Where its version stands, tried in order. Some depend on the file's name. */
  readonly probes: (fileName: string) => readonly Probe[];
  /** Other files that came with it, for a program at this path. Folders end in a slash. */
  readonly files?: (path: string) => readonly string[];
};

const named =
  (...names: readonly string[]) =>
  (fileName: string): boolean =>
    names.includes(fileName);
const matches =
  (pattern: RegExp) =>
  (fileName: string): boolean =>
    pattern.test(fileName);
const always =
  (...probes: readonly Probe[]) =>
  (): readonly Probe[] =>
    probes;

/** Programs beside this one. */
const siblings =
  (...names: readonly string[]) =>
  (path: string): readonly string[] => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return names.map((name) => folder + name);
  };

/** The folder a `bin`, `sbin` or `lib` folder of this path lies in: `usr/local/`. */
function prefixOf(path: string): string {
  const match = /^(.{0,500}?\/|)(?:s?bin|lib(?:64)?)\//.exec(path);
  return match?.[1] ?? '';
}

function pythonProbes(fileName: string): readonly Probe[] {
  const [, major, minor] = /python(\d)\.(\d{1,2})/.exec(fileName) ?? [];
  if (major === undefined || minor === undefined) return [];
  // The version stands alone between NULs; the file's name says how it must begin.
  const pattern = new RegExp(`^\\0(${major}\\.${minor}\\.\\d{1,2}(?:(?:a|b|rc)\\d{1,2})?\\+?)\\0`);
  return [{ marker: `\0${major}.${minor}.`, pattern }];
}

function pythonFiles(path: string): readonly string[] {
  const minor = /python(\d\.\d{1,2})/.exec(path.slice(path.lastIndexOf('/') + 1))?.[1];
  if (minor === undefined) return [];
  const prefix = prefixOf(path);
  return [
    `${prefix}bin/python${minor}`,
    `${prefix}lib/python${minor}/lib-dynload/`,
    `${prefix}lib/libpython3.so`,
  ];
}

function juliaProbes(fileName: string): readonly Probe[] {
  const full = /\.so\.(\d+\.\d+\.\d+)$/.exec(fileName)?.[1];
  const plain: Probe[] = [
    {
      marker: '\0branch\0commit\0',
      before: 40,
      pattern: /(\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\d+)?)\0branch/,
    },
    { marker: '\0julia version %s\0', before: 24, pattern: /\0(\d+\.\d+\.\d+)\0julia version/ },
  ];
  if (full === undefined) return plain;
  const named = new RegExp(`^\\0(${full.replaceAll('.', '\\.')})\\0`);
  return [...plain, { marker: `\0${full}\0`, pattern: named }];
}

/**
 * Redis and its kin build an id of version, host, a dash, seconds, and nine digits for the state
 * of the source. Build hosts are a word, or twelve hexadecimal digits; without either of them the
 * seconds begin with 15 to 29, so that the version's last digits can be told from them.
 */
const redisBuild = (prefix: string): Probe => ({
  marker: '000000000\0',
  before: 96,
  pattern: new RegExp(
    `${prefix}(\\d{1,2}\\.\\d{1,2}\\.\\d{1,3}?)(?:(?:[0-9a-f]{12}|[a-z][\\w.]{0,40})-)?` +
      '(?:1[5-9]|2\\d)\\d{8}000000000\\0',
  ),
});

const PHP_VERSION = /^X-Powered-By: PHP\/(\d+\.\d+\.\d+(?:(?:alpha|beta|RC)\d+)?)[^\w.]/;
const OPENSSL_VERSION =
  /^\0OpenSSL (\d+\.\d+\.\d+[a-z]{0,2}(?:-\w{1,20})?) {1,3}\d{1,2} [A-Z][a-z]{2} \d{4}\0/;

/** One row for each product; patterns were read off real programs. */
export const PRODUCTS: readonly Product[] = [
  {
    name: 'bash',
    isNamed: named('bash'),
    probes: always({
      marker: '@(#)Bash version ',
      pattern: /^@\(#\)Bash version (\d+\.\d+\.\d+)\(\d+\) \w+ GNU/,
    }),
  },
  {
    name: 'bun',
    isNamed: named('bun'),
    probes: always({ marker: 'bun-', pattern: /^bun-(\d+\.\d+\.\d+)\s?JavaScript runtime/ }),
  },
  {
    name: 'busybox',
    // One file under many names: which of them a layer's archive holds as the file is chance.
    isNamed: matches(/^(?:busybox(?:[.-](?:static|extras|suid|nosuid))?|\[{1,2}|sh|ash|acpid)$/),
    probes: always({
      marker: 'BusyBox v',
      pattern: /^BusyBox v(\d+\.\d+(?:\.\d+)?)(?:-[\w.]{1,20})? \(/,
    }),
  },
  {
    name: 'curl',
    isNamed: matches(/^(?:curl|libcurl(?:-gnutls)?\.so\.4\.\d+\.\d+)$/),
    probes: always(
      { marker: '\0libcurl/', pattern: /^\0libcurl\/(\d+\.\d+\.\d+)\0/ },
      { marker: '\0curl/', pattern: /^\0curl\/(\d+\.\d+\.\d+)\0/ },
    ),
  },
  {
    name: 'dart',
    isNamed: named('dart'),
    probes: always({
      marker: ' (stable) (',
      before: 24,
      pattern: /\0(\d+\.\d+\.\d+) \(stable\) \([A-Z][a-z]{2} /,
    }),
  },
  {
    name: 'deno',
    isNamed: named('deno'),
    probes: always(
      { marker: 'Deno/', pattern: /^Deno\/(\d+\.\d+\.\d+)(?!\d)/ },
      { marker: 'release/v1.', pattern: /^release\/v(1\.\d+\.\d+)windowshttps/ },
    ),
  },
  {
    name: 'ffmpeg',
    isNamed: matches(/^(?:ffmpeg|ffprobe|libavcodec(?:-\w{1,16})?\.so\.\d+(?:\.\d+){0,2})$/),
    probes: always(
      { marker: 'FFmpeg version ', pattern: /^FFmpeg version n?(\d+\.\d+(?:\.\d+)?)[^\w.]/ },
      { marker: '%s version ', pattern: /^%s version n?(\d+\.\d+(?:\.\d+)?)[^\w.]/ },
    ),
  },
  {
    name: 'fluent-bit',
    isNamed: named('fluent-bit'),
    probes: always({
      marker: '\0%sFluent Bit v',
      before: 16,
      pattern: /\0(\d+\.\d+\.\d+)\0%sFluent/,
    }),
  },
  {
    name: 'gcc',
    isNamed: matches(
      /^(?:(?:x86_64|aarch64)(?:-\w+)?-linux-(?:gnu|musl)-)?gcc(?:-\d+(?:\.\d+\.\d+)?)?$/,
    ),
    probes: always({ marker: 'GCC: (GNU) ', pattern: /^GCC: \(GNU\) (\d+\.\d+\.\d+)\0/ }),
    files: (path) => [
      ...siblings(
        'cpp',
        'c++',
        'g++',
        'gcov',
        'gcov-dump',
        'gcov-tool',
        'gfortran',
        'lto-dump',
      )(path),
      `${prefixOf(path)}libexec/gcc/`,
      `${prefixOf(path)}lib/gcc/`,
    ],
  },
  {
    name: 'git',
    isNamed: named('git'),
    probes: always(
      { marker: '\xffgit/', pattern: /^\xffgit\/(\d+\.\d+\.\d+)\0/ },
      {
        marker: '\0git/',
        pattern: /^\0git\/(\d+\.\d+\.\d+)\0/,
      },
    ),
    files: (path) => [`${prefixOf(path)}libexec/git-core/`],
  },
  {
    name: 'haproxy',
    isNamed: named('haproxy'),
    probes: always(
      {
        marker: ', released 20',
        before: 64,
        pattern: / version (\d+\.\d+(?:\.\d+|-dev\d+))(?:[-+~][\w.+~-]{1,40})?, released 20/,
      },
      {
        marker: '\0HAProxy version follows',
        before: 64,
        pattern: /\0(\d+\.\d+(?:\.\d+|-dev\d+))(?:-[\w.+~-]{1,30})?\0{1,40}HAProxy version/,
      },
      { marker: 'HA-Proxy version ', pattern: /^HA-Proxy version (\d+\.\d+\.\d+)[ -]/ },
    ),
  },
  {
    name: 'httpd',
    isNamed: named('httpd', 'apache2'),
    probes: always(
      { marker: '\0Apache/2.', pattern: /^\0Apache\/(2\.\d+\.\d+)[\s\0]/ },
      {
        marker: 'Apache/2.',
        pattern: /^Apache\/(2\.\d+\.\d+)[\s\0]/,
      },
    ),
    files: (path) =>
      path.endsWith('apache2/bin/httpd')
        ? [`${path.slice(0, -'httpd'.length)}`, `${prefixOf(path)}modules/`]
        : [],
  },
  {
    name: 'julia',
    isNamed: matches(/^libjulia-internal\.so\.\d+\.\d+(?:\.\d+)?$/),
    probes: juliaProbes,
    files: (path) => [`${prefixOf(path)}bin/julia`, `${prefixOf(path)}lib/julia/`],
  },
  {
    name: 'lighttpd',
    isNamed: named('lighttpd'),
    probes: always({ marker: 'lighttpd/1.', pattern: /^lighttpd\/(1\.\d+\.\d+)[\s\0)]/ }),
  },
  {
    name: 'mariadb',
    isNamed: named('mariadbd', 'mysqld', 'mariadb'),
    probes: always({
      marker: '-MariaDB',
      before: 16,
      pattern: /\0(?:5\.5\.5-)?(\d+\.\d+\.\d+)-MariaDB[\0-]/,
    }),
  },
  {
    name: 'memcached',
    isNamed: named('memcached'),
    probes: always({ marker: '\0memcached ', pattern: /^\0memcached (\d+\.\d+\.\d+)\0/ }),
  },
  {
    name: 'mongodb',
    isNamed: named('mongod', 'mongos'),
    probes: always(
      ...['\0tcmalloc\0mozjs\0', '\0heap_size\0stack\0', '\0cppdefines\0'].map((marker) => ({
        marker,
        before: 24,
        pattern: /\0(\d+\.\d+\.\d+(?:-rc\d+)?)\0(?:tcmalloc|heap_size|cppdefines)\0/,
      })),
    ),
  },
  {
    name: 'mysql',
    isNamed: named('mysqld', 'mysql'),
    probes: always({ marker: '/mysql-', pattern: /^\/mysql-(\d+\.\d+\.\d+)\// }),
  },
  {
    name: 'nginx',
    isNamed: matches(/^nginx(?:-debug)?$/),
    probes: always({
      marker: 'nginx version: nginx/',
      pattern: /^nginx version: nginx\/(\d+\.\d+\.\d+)[^\w.]/,
    }),
    files: (path) => [`${prefixOf(path)}lib/nginx/modules/`, ...siblings('nginx-debug')(path)],
  },
  {
    name: 'node',
    isNamed: matches(/^(?:node|nodejs|libnode\.so\.\d+)$/),
    probes: always(
      { marker: 'node.js/v', pattern: /^node\.js\/v(\d+\.\d+\.\d+)(?!\d)/ },
      {
        marker: '\0moduleLoadList\0',
        before: 16,
        pattern: /\0v(\d+\.\d+\.\d+)\0moduleLoadList/,
      },
      { marker: '\0node v0.', pattern: /^\0node v(0\.\d+\.\d+)\0/ },
      { marker: '\0v0.12.', pattern: /^\0v(0\.12\.\d+)\0--/ },
    ),
  },
  {
    name: 'openresty',
    isNamed: named('nginx', 'openresty'),
    probes: always({
      marker: 'nginx version: openresty/',
      pattern: /^nginx version: openresty\/(\d+(?:\.\d+){3})[^\w.]/,
    }),
  },
  {
    name: 'openssl',
    isNamed: matches(/^(?:openssl|libcrypto\.so\.\d+(?:\.\d+){0,2})$/),
    probes: always({ marker: '\0OpenSSL ', pattern: OPENSSL_VERSION }),
    files: (path) => {
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      const rest = path.slice(folder.length);
      return rest.startsWith('lib')
        ? [folder + rest.replace('libcrypto', 'libssl'), `${folder}ossl-modules/`]
        : [];
    },
  },
  {
    name: 'perl',
    isNamed: matches(/^(?:perl(?:5\.\d+\.\d+)?|libperl\.so(?:\.5\.\d+(?:\.\d+)?)?)$/),
    probes: always(
      { marker: '\0v5.', pattern: /^\0v(5\.\d+\.\d+)\0/ },
      {
        marker: '/lib/perl5/5.',
        pattern: /^\/lib\/perl5\/(5\.\d+\.\d+)[/\0]/,
      },
    ),
    files: (path) => [`${prefixOf(path)}lib/perl5/`],
  },
  {
    name: 'php',
    isNamed: matches(/^(?:php(?:-fpm|-cgi|dbg)?(?:\d(?:\.?\d+)?)?|libphp(?:\d(?:\.\d+)?)?\.so)$/),
    probes: always({ marker: 'X-Powered-By: PHP/', pattern: PHP_VERSION }),
    files: (path) => [`${prefixOf(path)}lib/php/extensions/`, ...siblings('phpdbg')(path)],
  },
  {
    name: 'postgresql',
    isNamed: named('postgres'),
    probes: always({
      marker: 'PostgreSQL ',
      pattern: /^PostgreSQL (\d+(?:\.\d+){0,2}(?:(?:alpha|beta|rc)\d+)?) (?:on |\()/,
    }),
    files: (path) => [
      ...siblings(
        'clusterdb',
        'createdb',
        'createuser',
        'dropdb',
        'dropuser',
        'ecpg',
        'initdb',
        'oid2name',
        'pg_amcheck',
        'pg_archivecleanup',
        'pg_basebackup',
        'pg_checksums',
        'pg_combinebackup',
        'pg_config',
        'pg_controldata',
        'pg_createsubscriber',
        'pg_ctl',
        'pg_dump',
        'pg_dumpall',
        'pg_isready',
        'pg_receivewal',
        'pg_recvlogical',
        'pg_resetwal',
        'pg_restore',
        'pg_rewind',
        'pg_standby',
        'pg_test_fsync',
        'pg_test_timing',
        'pg_upgrade',
        'pg_verifybackup',
        'pg_waldump',
        'pg_walsummary',
        'pgbench',
        'psql',
        'reindexdb',
        'vacuumdb',
        'vacuumlo',
      )(path),
      `${prefixOf(path)}lib/postgresql/`,
    ],
  },
  {
    name: 'proftpd',
    isNamed: named('proftpd'),
    probes: always({
      marker: 'ProFTPD Version ',
      pattern: /^ProFTPD Version (\d+\.\d+\.\d+[a-z]?(?:rc\d+)?)[\s\0]/,
    }),
  },
  {
    name: 'pypy',
    isNamed: matches(/^libpypy(?:\d\.\d+)?-c\.so$/),
    probes: always({ marker: '[PyPy ', pattern: /^\[PyPy (\d+\.\d+\.\d+) with / }),
  },
  {
    name: 'python',
    isNamed: matches(/^(?:python\d\.\d{1,2}m?t?|libpython\d\.\d{1,2}[mut]{0,3}\.so(?:\.1\.0)?)$/),
    probes: pythonProbes,
    files: pythonFiles,
  },
  {
    name: 'redis',
    isNamed: matches(/^redis-(?:server|sentinel|check-aof|check-rdb)$/),
    probes: always(redisBuild('(?<![\\w.])'), redisBuild(''), {
      marker: 'Server started, Redis version ',
      pattern: /^Server started, Redis version (\d+\.\d+\.\d+)\0/,
    }),
    files: siblings('redis-cli', 'redis-benchmark'),
  },
  {
    name: 'ruby',
    isNamed: matches(/^(?:ruby(?:\d\.\d)?|libruby(?:-\d\.\d)?\.so(?:\.\d+){1,3})$/),
    probes: always({
      marker: '\0ruby ',
      // The patch level is part of the version up to 2.0 only; since then it counts commits.
      pattern:
        /^\0ruby ((?:1\.\d\.\d|2\.0\.0)p\d+|\d+\.\d+\.\d+(?:(?:preview|rc)\d+)?)(?:p\d+)? \(\d{4}-\d\d-\d\d /,
    }),
    files: (path) => [`${prefixOf(path)}bin/ruby`, `${prefixOf(path)}lib/ruby/`],
  },
  {
    name: 'rust',
    isNamed: matches(/^(?:librustc_driver|libstd)-[0-9a-f]{16}\.so$/),
    probes: always({
      marker: 'rustc version ',
      pattern: /^rustc version (\d+\.\d+\.\d+(?:-(?:nightly|beta(?:\.\d+)?))?) \([0-9a-f]{9} /,
    }),
    files: (path) => {
      const prefix = prefixOf(path);
      return prefix.includes('/toolchains/') ? [prefix] : [];
    },
  },
  {
    name: 'swipl',
    isNamed: named('swipl'),
    probes: always({ marker: '/swipl-', pattern: /^\/swipl-(\d+\.\d+\.\d+)\// }),
  },
  {
    name: 'tini',
    isNamed: matches(/^tini(?:-static)?$/),
    probes: always({ marker: 'tini version ', pattern: /^tini version (\d+\.\d+\.\d+)[\s\0]/ }),
  },
  {
    name: 'valkey',
    isNamed: matches(/^valkey-(?:server|sentinel|check-aof|check-rdb)$/),
    probes: always(redisBuild('valkey')),
    files: siblings('valkey-cli', 'valkey-benchmark'),
  },
  {
    name: 'varnish',
    isNamed: named('varnishd'),
    probes: always({
      marker: 'varnish-',
      pattern: /^varnish-(\d+\.\d+\.\d+) revision [0-9a-f]{8}/,
    }),
  },
  {
    name: 'xz',
    isNamed: matches(/^(?:xz|liblzma\.so\.\d+\.\d+\.\d+)$/),
    probes: always({ marker: '(XZ Utils) ', pattern: /^\(XZ Utils\) (\d+\.\d+\.\d+)[\s\0]/ }),
  },
];
