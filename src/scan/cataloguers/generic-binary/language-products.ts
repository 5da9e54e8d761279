import type { Probe } from './probe.ts';
import { always, matches, named, type Product, prefixOf, siblings } from './product.ts';

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

const PHP_VERSION = /^X-Powered-By: PHP\/(\d+\.\d+\.\d+(?:(?:alpha|beta|RC)\d+)?)[^\w.]/;
/** Languages: runtimes and compilers. One row each; patterns were read off real programs. */
export const LANGUAGE_PRODUCTS: readonly Product[] = [
  {
    name: 'bun',
    isNamed: named('bun'),
    probes: always({ marker: 'bun-', pattern: /^bun-(\d+\.\d+\.\d+)\s?JavaScript runtime/ }),
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
    name: 'julia',
    isNamed: matches(/^libjulia-internal\.so\.\d+\.\d+(?:\.\d+)?$/),
    probes: juliaProbes,
    files: (path) => [`${prefixOf(path)}bin/julia`, `${prefixOf(path)}lib/julia/`],
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
];
