import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { invalid, notFound, tooLarge } from '../../model/errors.ts';

export type FileRange = { readonly path: string; readonly offset: number; readonly length: number };

/** The files of an image layout, whether they lie in a folder or in an archive. */
export type FileTree = {
  /** What messages call it. */
  readonly name: string;
  /** Undefined where there is no such file. Throws over `bytesMax` before reading. */
  readonly read: (path: string, bytesMax: number) => Promise<Buffer | undefined>;
  /** Where on this machine the bytes of a file lie. */
  readonly locate: (path: string) => Promise<FileRange | undefined>;
  readonly close: () => Promise<void>;
};

/** A folder as a file tree. Links that leave it are refused, and so is what is no regular file. */
export async function openFolderTree(folder: string): Promise<FileTree> {
  const root = await realpath(folder).catch((cause: NodeJS.ErrnoException) => {
    throw notFound(`The folder ${folder} cannot be read (${cause.code ?? 'unknown'}).`, { cause });
  });
  const locate = async (path: string): Promise<FileRange | undefined> => {
    const real = await realpath(join(root, path)).catch(() => undefined);
    if (real === undefined) return undefined;
    if (!real.startsWith(root === sep ? root : root + sep)) {
      throw invalid(`${join(folder, path)} is a link that leaves the folder.`);
    }
    await using file = await openRegular(real);
    const { size } = await file.stat();
    return { path: real, offset: 0, length: size };
  };
  return {
    name: folder,
    locate,
    read: async (path, bytesMax) => {
      const range = await locate(path);
      return range && readRange(range, join(folder, path), bytesMax);
    },
    close: async () => {},
  };
}

/** Opens without waiting for a pipe's other end, and refuses what is no regular file. */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (cause: NodeJS.ErrnoException) => {
      throw notFound(`${path} cannot be read (${cause.code ?? 'unknown'}).`, { cause });
    },
  );
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw invalid(`${path} is not a regular file.`);
}

export async function readRange(range: FileRange, name: string, bytesMax: number): Promise<Buffer> {
  if (range.length > bytesMax) {
    throw tooLarge(`${name} has ${range.length} bytes; at most ${bytesMax} are read.`);
  }
  await using file = await openRegular(range.path);
  const bytes = Buffer.alloc(range.length);
  let got = 0;
  while (got < bytes.length) {
    const { bytesRead } = await file.read(bytes, got, bytes.length - got, range.offset + got);
    if (bytesRead === 0) throw invalid(`${name} is cut short.`);
    got += bytesRead;
  }
  return bytes;
}
