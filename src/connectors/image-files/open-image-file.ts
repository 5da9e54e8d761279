import type { ImageSource } from '../../scan/image-source.ts';
import { openArchiveTree } from './archive-tree.ts';
import { dockerArchiveSource } from './docker-archive.ts';
import { openFolderTree } from './file-tree.ts';
import { ociLayoutSource } from './oci-layout.ts';
import { plainFolderSource } from './plain-folder.ts';

export type ImageFileKind = 'docker-archive' | 'oci' | 'oci-archive' | 'dir';

/** Opens images that lie in files of this machine. */
export async function openImageFile(kind: ImageFileKind, path: string): Promise<ImageSource> {
  switch (kind) {
    case 'docker-archive':
      return dockerArchiveSource(await openArchiveTree(path));
    case 'oci':
      return ociLayoutSource('oci', await openFolderTree(path));
    case 'oci-archive':
      return ociLayoutSource('oci-archive', await openArchiveTree(path));
    case 'dir':
      return plainFolderSource(path);
  }
}

/** What an archive is, by what it holds; undefined when it is no archive of images. */
export async function archiveKind(path: string): Promise<ImageFileKind | undefined> {
  const tree = await openArchiveTree(path);
  // Docker writes both since version 25; its own manifest has the names people know.
  if ((await tree.locate('manifest.json')) !== undefined) return 'docker-archive';
  return (await tree.locate('oci-layout')) === undefined ? undefined : 'oci-archive';
}
