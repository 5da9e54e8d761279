import { invalid } from '../model/errors.ts';
import type { ImageSource } from '../scan/image-source.ts';
import type { ScanTarget, TargetKind } from './scan-target.ts';

type OpenSource = (target: ScanTarget) => Promise<ImageSource>;

/** How each kind of target is opened. Loaded when used: a scan pays for one connector only. */
const SOURCES: Partial<Record<TargetKind, OpenSource>> = {
  oci: async ({ place }) => {
    const { openFolderTree } = await import('../connectors/image-files/file-tree.ts');
    const { ociLayoutSource } = await import('../connectors/image-files/oci-layout.ts');
    return ociLayoutSource('oci', await openFolderTree(place));
  },
  'oci-archive': async ({ place }) => {
    const { openArchiveTree } = await import('../connectors/image-files/archive-tree.ts');
    const { ociLayoutSource } = await import('../connectors/image-files/oci-layout.ts');
    return ociLayoutSource('oci-archive', await openArchiveTree(place));
  },
  'docker-archive': async ({ place }) => {
    const { openArchiveTree } = await import('../connectors/image-files/archive-tree.ts');
    const { dockerArchiveSource } = await import('../connectors/image-files/docker-archive.ts');
    return dockerArchiveSource(await openArchiveTree(place));
  },
  dir: async ({ place }) => {
    const { plainFolderSource } = await import('../connectors/image-files/plain-folder.ts');
    return plainFolderSource(place);
  },
};

export async function openImageSource(target: ScanTarget): Promise<ImageSource> {
  const openSource = SOURCES[target.kind];
  if (openSource === undefined) throw invalid(`${target.kind}: targets cannot be scanned yet.`);
  return openSource(target);
}
