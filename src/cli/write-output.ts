import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unavailable } from '../model/errors.ts';

/**
 * Writes a regular file whole or not at all: beside it, then moved in place. A device or a pipe is
 * written through, and a symbolic link keeps leading where it led.
 */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    const existing = await stat(file).catch(() => undefined);
    if (existing !== undefined && !existing.isFile()) {
      await using through = await open(file, 'w');
      await through.writeFile(text);
      return;
    }
    await replaceFile(existing === undefined ? file : await realpath(file), text);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw unavailable(`${file} could not be written (${code}).`, { cause });
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    const temporary = await open(beside, 'wx', 0o666);
    try {
      await temporary.writeFile(text);
      await temporary.sync();
    } finally {
      await temporary.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
