import type { Probe } from './probe.ts';
import { always, matches, named, type Product, prefixOf, siblings } from './product.ts';

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

const OPENSSL_VERSION =
  /^\0OpenSSL (\d+\.\d+\.\d+[a-z]{0,2}(?:-\w{1,20})?) {1,3}\d{1,2} [A-Z][a-z]{2} \d{4}\0/;

/** Servers and tools. One row each; patterns were read off real programs. */
export const SERVER_PRODUCTS: readonly Product[] = [
  {
    name: 'bash',
    isNamed: named('bash'),
    probes: always({
      marker: '@(#)Bash version ',
      pattern: /^@\(#\)Bash version (\d+\.\d+\.\d+)\(\d+\) \w+ GNU/,
    }),
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
    name: 'redis',
    isNamed: matches(/^redis-(?:server|sentinel|check-aof|check-rdb)$/),
    probes: always(redisBuild('(?<![\\w.])'), redisBuild(''), {
      marker: 'Server started, Redis version ',
      pattern: /^Server started, Redis version (\d+\.\d+\.\d+)\0/,
    }),
    files: siblings('redis-cli', 'redis-benchmark'),
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
