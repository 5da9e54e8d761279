import type { Buffer } from 'node:buffer';
import type { ImageFileKind } from '../connectors/image-files/open-image-file.ts';
import { invalid } from '../model/errors.ts';
import type { ImageSource } from '../scan/image-source.ts';
import type { ScanTarget, TargetKind } from './scan-target.ts';

type OpenSource = (target: ScanTarget) => Promise<ImageSource>;

const imageFile: OpenSource = async ({ kind, place }) => {
  const { openImageFile } = await import('../connectors/image-files/open-image-file.ts');
  return openImageFile(kind as ImageFileKind, place);
};

/** The engine that DOCKER_HOST names, as the docker client does it; else the usual socket. */
const dockerEngine: OpenSource = async ({ place }) => {
  const { openDockerReference } = await import('../connectors/docker/docker-image.ts');
  const address = process.env['DOCKER_HOST'] || 'unix:///var/run/docker.sock';
  return openDockerReference({ address }, place);
};

const registryImage: OpenSource = async ({ place }) => {
  const { openRegistryTarget } = await import('./registry-source.ts');
  return openRegistryTarget(place, process.env);
};

/** How each kind of target is opened. Loaded when used: a scan pays for one connector only. */
const SOURCES: Partial<Record<TargetKind, OpenSource>> = {
  docker: dockerEngine,
  'docker-archive': imageFile,
  oci: imageFile,
  'oci-archive': imageFile,
  dir: imageFile,
  registry: registryImage,
};

export async function openImageSource(target: ScanTarget): Promise<ImageSource> {
  const openSource = SOURCES[target.kind];
  if (openSource === undefined) throw invalid(`${target.kind}: targets cannot be scanned yet.`);
  return openSource(target);
}

/** A whole file, which must be a regular one. */
export async function readWholeFile(file: string, bytesMax: number): Promise<Buffer> {
  const { openRegular, readRange } = await import('../connectors/image-files/file-tree.ts');
  await using opened = await openRegular(file);
  const { size } = await opened.stat();
  return readRange({ path: file, offset: 0, length: size }, file, bytesMax);
}
