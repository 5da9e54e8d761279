import { realpath, stat } from 'node:fs/promises';
import { invalid, notFound } from '../../model/errors.ts';
import type { ImageSource, LoadedImage } from '../../scan/image-source.ts';

/** Node's names of processors as OCI (Go) has them. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
};

/** The platform of this machine, as OCI names it. */
export function platformHere(): { os: string; architecture: string } {
  const { arch, platform } = process;
  const os = platform === 'win32' ? 'windows' : platform;
  return { os, architecture: ARCHITECTURES[arch] ?? arch };
}

/** A plain folder (an unpacked image, a mounted disk, a project) as an image of one layer. */
export function plainFolderSource(folder: string): ImageSource {
  return {
    name: `dir:${folder}`,
    images: async () => [{ tags: [], load: () => loadFolder(folder) }],
    close: async () => {},
  };
}

async function loadFolder(folder: string): Promise<LoadedImage> {
  const path = await realpath(folder).catch((cause: NodeJS.ErrnoException) => {
    throw notFound(`The folder ${folder} cannot be read (${cause.code ?? 'unknown'}).`, { cause });
  });
  if (!(await stat(path)).isDirectory()) throw invalid(`${folder} is not a folder.`);
  return {
    facts: {
      platform: { os: 'unknown', architecture: 'unknown' },
      entrypoint: [],
      command: [],
      exposedPorts: [],
      labels: {},
      tags: [],
      size: 0,
    },
    layers: [{ open: async () => ({ kind: 'folder', path, close: async () => {} }) }],
  };
}
