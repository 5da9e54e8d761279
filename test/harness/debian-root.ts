import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BUILD = ['--variant=essential', '--format=tar', '--quiet'];
const SUITE = 'bookworm';
const BUILD_MS_MAX = 300_000;

/** Whether a real Debian root can be built here: Debian's mmdebstrap and dpkg are installed. */
export const canBuildDebianRoot: boolean =
  spawnSync('mmdebstrap', ['--version']).status === 0 &&
  spawnSync('dpkg-query', ['--version']).status === 0;

/**
 * A tar of a real, small Debian as mmdebstrap installs it from Debian's mirror. Built once into a
 * cache folder named after what was asked for; later calls and other suites get the same file.
 */
export function debianRootTar(): string {
  const key = createHash('sha256')
    .update(JSON.stringify([BUILD, SUITE]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(tmpdir(), `wharfinger-debian-root-${key}`);
  const file = join(folder, 'root.tar');
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  // Suites that run side by side may both build: the name appears whole, whoever is last.
  const partial = `${file}.${process.pid}`;
  execFileSync('mmdebstrap', [...BUILD, SUITE, partial], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: BUILD_MS_MAX,
  });
  renameSync(partial, file);
  return file;
}
