import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LockFile, listMissingPlatforms } from '../test/tidy/lock-file.ts';

// bin/node tools/complete-lock-file.ts, after every change of dependencies.
//
// npm leaves a platform's package out of the lock file when the registry at hand does not offer
// it, and then `npm ci` refuses that lock file. Its version is known all the same: whoever names
// such a package names one exact version.

type Entry = {
  version: string;
  cpu: string[];
  dev?: true;
  libc?: string[];
  optional: true;
  os: string[];
};

const system = /(?:^|-)(android|darwin|freebsd|linux|openharmony|win32)(?:-|$)/;
const processor = /(?:^|-)(arm64|x64|ia32|ppc64|riscv64|s390x|arm)(?:-|$)/;

function entryOf(name: string, version: string, isDev: boolean): Entry {
  const last = name.split('/').at(-1) ?? '';
  const [os, cpu] = [system.exec(last)?.[1], processor.exec(last)?.[1]];
  if (os === undefined || cpu === undefined) throw new Error(`${name} names no platform`);
  const libc = last.includes('musl') ? ['musl'] : ['glibc'];
  return {
    version,
    cpu: [cpu],
    ...(isDev ? { dev: true } : {}),
    ...(os === 'linux' && /musl|gnu/.test(last) ? { libc } : {}),
    optional: true,
    os: [os],
  };
}

const file = join(import.meta.dirname, '../package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8')) as LockFile & Record<string, unknown>;
const missing = listMissingPlatforms(lock);
const { '': root, ...packages } = lock.packages;
const added = missing.map(({ name, version, isDev }) => [
  `node_modules/${name}`,
  entryOf(name, version, isDev),
]);
const sorted = [...Object.entries(packages), ...added].toSorted(([a], [b]) =>
  String(a) < String(b) ? -1 : 1,
);
const complete = { ...lock, packages: { '': root, ...Object.fromEntries(sorted) } };
writeFileSync(file, `${JSON.stringify(complete, null, 2)}\n`);
console.log(`Added ${missing.length} packages of other platforms.`);
