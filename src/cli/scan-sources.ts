import type { ImageFileKind } from '../connectors/image-files/open-image-file.ts';
import { invalid } from '../model/errors.ts';
import type { ImageSource } from '../scan/image-source.ts';
import type { ScanTarget, TargetKind } from './scan-target.ts';

type OpenSource = (target: ScanTarget) => Promise<ImageSource>;

const imageFile: OpenSource = async ({ kind, place }) => {
  const { openImageFile } = await import('../connectors/image-files/open-image-file.ts');
  return openImageFile(kind as ImageFileKind, place);
};

/** How each kind of target is opened. Loaded when used: a scan pays for one connector only. */
const SOURCES: Partial<Record<TargetKind, OpenSource>> = {
  'docker-archive': imageFile,
  oci: imageFile,
  'oci-archive': imageFile,
  dir: imageFile,
};

export async function openImageSource(target: ScanTarget): Promise<ImageSource> {
  const openSource = SOURCES[target.kind];
  if (openSource === undefined) throw invalid(`${target.kind}: targets cannot be scanned yet.`);
  return openSource(target);
}
