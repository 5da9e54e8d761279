import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { compressionOf } from '../../formats/inflate.ts';
import { linkTarget } from '../../formats/tar-path.ts';
import { TarReader } from '../../formats/tar-reader.ts';
import { Failure, invalid, tooLarge } from '../../model/errors.ts';
import { type FileRange, type FileTree, openRegular, readRange } from './file-tree.ts';

type Member =
  | { readonly kind: 'file'; readonly offset: number; readonly length: number }
  | { readonly kind: 'link'; readonly target: string };

const READ_BYTES = 16 * 1024;
/** An archive of images has a few entries a layer; this is far from any. */
const MEMBERS_MAX = 100_000;
const LINKS_FOLLOWED_MAX = 8;

/** A tar archive as a file tree: read once, from header to header, past the bodies. */
export async function openArchiveTree(path: string): Promise<FileTree> {
  await using file = await openRegular(path);
  const members = await listMembers(file, path);
  const locate = async (member: string): Promise<FileRange | undefined> => {
    let at = member;
    // Older Docker writes a layer once and links the others to it.
    for (let followed = 0; followed <= LINKS_FOLLOWED_MAX; followed++) {
      const found = members.get(at);
      if (found === undefined) return undefined;
      if (found.kind === 'file') return { path, offset: found.offset, length: found.length };
      at = found.target;
    }
    throw invalid(`${path}: the links of ${member} go in circles.`);
  };
  return {
    name: path,
    locate,
    read: async (member, bytesMax) => {
      const range = await locate(member);
      return range && readRange(range, `${path}: ${member}`, bytesMax);
    },
    close: async () => {},
  };
}

async function listMembers(file: FileHandle, path: string): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  const reader = new TarReader({
    entry: (entry) => {
      if (entry.path === undefined) {
        throw invalid(`It has a path that leaves it: ${entry.rawPath.slice(0, 200)}.`);
      }
      if (members.size >= MEMBERS_MAX) throw tooLarge('It has too many files.');
      if (entry.kind === 'file') {
        const { size: length, isSparse } = entry;
        if (isSparse) throw invalid(`${entry.path} is stored as a sparse file.`);
        members.set(entry.path, { kind: 'file', offset: reader.bodyPosition, length });
      } else if (entry.kind === 'symlink') {
        const target = linkTarget(entry.path, entry.linkPath);
        members.set(entry.path, { kind: 'link', target });
      } else if (entry.kind === 'link') {
        members.set(entry.path, { kind: 'link', target: linkTarget('', entry.linkPath) });
      }
      return false;
    },
    body: () => false,
    bodyEnd: () => {},
  });
  try {
    await readHeaders(file, reader);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure(cause.kind, `${path}: ${cause.message}`, { code: cause.code, cause });
  }
  return members;
}

async function readHeaders(file: FileHandle, reader: TarReader): Promise<void> {
  const buffer = Buffer.alloc(READ_BYTES);
  const { size } = await file.stat();
  for (let at = 0; at < size; ) {
    const skippable = reader.skippable();
    if (skippable > 0) {
      if (at + skippable > size) {
        if (skippable === Number.POSITIVE_INFINITY) return;
        throw invalid('The tar archive is truncated.');
      }
      reader.skip(skippable);
      at += skippable;
      continue;
    }
    // One header at a time: what follows is most often a body to pass over.
    const { bytesRead } = await file.read(buffer, 0, 512, at);
    if (bytesRead === 0) break;
    if (at === 0 && compressionOf(buffer) !== 'none') {
      throw invalid('The archive is compressed as a whole: unpack it first (gunzip, unzstd).');
    }
    reader.push(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  reader.end();
}
