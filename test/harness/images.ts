import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { debianRootTar } from './debian-root.ts';
import { getPartPath } from './find-part.ts';

const run = promisify(execFile);
const tag = 'test';
const stepMsMax = 300_000;

/**
 * Builds a thing once into a cache folder named after `key`, for all suites and later runs; what
 * suites side by side build at once is the same, and appears whole.
 */
export async function builtOnce(
  key: string,
  build: (target: string) => Promise<void>,
): Promise<string> {
  // The recipe lies in this file, so a change of it makes everything anew.
  const recipe = readFileSync(import.meta.filename);
  const name = createHash('sha256').update(key).update(recipe).digest('hex').slice(0, 16);
  const parent = join(tmpdir(), 'wharfinger-test-images');
  const target = join(parent, name);
  if (existsSync(target)) return target;
  await mkdir(parent, { recursive: true });
  const work = mkdtempSync(join(parent, 'work-'));
  try {
    await build(join(work, name));
    if (!existsSync(target)) renameSync(join(work, name), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

/** An OCI layout with the tag `test`: one gzip layer, a busybox and nothing else. */
export function tinyOciLayout(): Promise<string> {
  return builtOnce('tiny', async (target) => {
    await layoutFromRoot(target, async (root) => {
      await mkdir(join(root, 'bin'), { recursive: true });
      await copyFile(getPartPath('busybox'), join(root, 'bin/busybox'));
      await symlink('busybox', join(root, 'bin/sh'));
    });
  });
}

/**
 * An OCI layout with the tag `test` of a real small Debian, in three gzip layers: the root, a
 * layer that adds a file and one that removes it and a document of a package.
 */
export function debianOciLayout(): Promise<string> {
  return builtOnce('debian', async (target) => {
    const tar = debianRootTar();
    await layoutFromRoot(target, async (root) => {
      await mkdir(root, { recursive: true });
      await step(['tar', '--numeric-owner', '-xf', tar, '-C', root, '--exclude=./dev/*']);
    });
    await addLayer(target, async (root) => {
      await mkdir(join(root, 'srv'), { recursive: true });
      await writeFile(join(root, 'srv/berth'), 'taken\n');
    });
    await addLayer(target, async (root) => {
      await rm(join(root, 'srv/berth'));
      await rm(join(root, 'usr/share/doc/libc6/copyright'));
    });
  });
}

/** The same image as a docker archive, as `docker save` writes it, under `name`. */
export function dockerArchiveOf(layout: string, name = 'wharf/image:test'): Promise<string> {
  return builtOnce(`archive ${layout} ${name}`, async (target) => {
    const skopeo = getPartPath('skopeo');
    const from = `oci:${layout}:${tag}`;
    await step([skopeo, 'copy', '--insecure-policy', from, `docker-archive:${target}:${name}`]);
  });
}

async function layoutFromRoot(
  target: string,
  fill: (root: string) => Promise<void>,
): Promise<void> {
  await step([getPartPath('umoci'), 'init', '--layout', target]);
  await step([getPartPath('umoci'), 'new', '--image', `${target}:${tag}`]);
  await addLayer(target, fill);
}

/** One more layer on top, holding what `change` did to the unpacked root. */
export async function addLayer(
  layout: string,
  change: (root: string) => Promise<void>,
): Promise<void> {
  const umoci = getPartPath('umoci');
  const bundle = mkdtempSync(join(dirname(layout), 'bundle-'));
  const image = `${layout}:${tag}`;
  const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
  try {
    await step([umoci, 'unpack', ...rootless, '--image', image, join(bundle, 'b')]);
    await change(join(bundle, 'b/rootfs'));
    await step([umoci, 'repack', '--image', image, join(bundle, 'b')]);
  } finally {
    rmSync(bundle, { recursive: true, force: true });
  }
}

async function rm(path: string): Promise<void> {
  rmSync(path, { force: true });
  await Promise.resolve();
}

async function step(command: readonly string[]): Promise<void> {
  const [program = '', ...args] = command;
  await run(program, args, { timeout: stepMsMax });
}
