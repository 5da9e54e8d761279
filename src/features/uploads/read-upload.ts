import { open, readFile } from 'node:fs/promises';
import { readSbom, SBOM_LIMITS } from '../../formats/sbom-in.ts';
import type { StatedSbom } from '../../formats/stated-sbom.ts';
import type { ScannedImage } from '../../model/catalogue.ts';
import { Failure, invalid, tooLarge } from '../../model/errors.ts';
import type { Cataloguer } from '../../scan/cataloguer.ts';
import type { ImageSource } from '../../scan/image-source.ts';
import type { LayerCache } from '../../scan/layer-cache.ts';
import type { LayerReader } from '../../scan/layer-pool.ts';
import { scanImage } from '../../scan/scan-image.ts';
import type { UploadKind } from './uploads-store.ts';

/** How files that hold images are told apart and opened. */
export type ImageFiles = {
  /** Undefined for an archive that holds no images. */
  readonly kindOf: (path: string) => Promise<'docker-archive' | 'oci-archive' | undefined>;
  readonly open: (kind: 'docker-archive' | 'oci-archive', path: string) => Promise<ImageSource>;
};

export type UploadTools = {
  readonly imageFiles: ImageFiles;
  readonly cataloguers: readonly Cataloguer[];
  readonly cache: LayerCache;
  readonly reader: LayerReader;
};

/** What a file turned out to be. */
export type ReadUpload =
  | {
      readonly kind: Exclude<UploadKind, 'sbom'>;
      readonly images: readonly ScannedImage[];
    }
  | { readonly kind: 'sbom'; readonly sbom: StatedSbom; readonly bytes: Buffer };

const IMAGES_MAX = 200;
const HEAD_BYTES = 4096;

/**
 * Reads a file that somebody handed in. Its name is theirs and its path ours: failures speak of the
 * name.
 */
export async function readUpload(
  file: { readonly path: string; readonly name: string; readonly sizeBytes: number },
  tools: UploadTools,
): Promise<ReadUpload> {
  try {
    if (await looksLikeDocument(file.path)) return await readDocument(file);
    const kind = await tools.imageFiles.kindOf(file.path);
    if (kind === undefined) {
      throw invalid(`${file.name} is an archive, and holds neither manifest.json nor oci-layout.`);
    }
    return { kind, images: await scanAll(kind, file.path, tools) };
  } catch (error) {
    throw renamed(error, file);
  }
}

/** An SBOM is text; what is packed is told apart by the reader of archives. */
async function looksLikeDocument(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer
      .subarray(0, bytesRead)
      .toString('latin1')
      .replace(/^\u00ef\u00bb\u00bf/, '');
    return /^\s*[{[<]/.test(head) || /^\s*(#.*\n\s*)?SPDXVersion:/.test(head);
  } finally {
    await file.close();
  }
}

async function readDocument(file: {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
}): Promise<ReadUpload> {
  if (file.sizeBytes > SBOM_LIMITS.bytesMax) {
    const megabytes = SBOM_LIMITS.bytesMax / 1024 / 1024;
    throw tooLarge(`${file.name} is larger than an SBOM may be (${megabytes} MiB).`);
  }
  const bytes = await readFile(file.path);
  return { kind: 'sbom', sbom: readSbom(bytes, file.name), bytes };
}

async function scanAll(
  kind: 'docker-archive' | 'oci-archive',
  path: string,
  tools: UploadTools,
): Promise<ScannedImage[]> {
  const source = await tools.imageFiles.open(kind, path);
  try {
    const images = await source.images();
    if (images.length === 0) throw invalid(`${path} holds no image.`);
    if (images.length > IMAGES_MAX) throw tooLarge(`${path} holds more than ${IMAGES_MAX} images.`);
    const scanned: ScannedImage[] = [];
    const both = { ...tools, hashing: 'both' } as const;
    for (const image of images) scanned.push(await scanImage(await image.load(), both));
    return scanned;
  } finally {
    await source.close();
  }
}

function renamed(error: unknown, file: { path: string; name: string }): unknown {
  if (!(error instanceof Failure) || !error.message.includes(file.path)) return error;
  const message = error.message.replaceAll(file.path, file.name);
  return new Failure(error.kind, message, { code: error.code, cause: error });
}
