import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseImageReference } from '../formats/image-reference.ts';
import { Failure, invalid } from '../model/errors.ts';

export const TARGET_KINDS = [
  'docker',
  'docker-archive',
  'oci',
  'oci-archive',
  'registry',
  'dir',
  'sbom',
] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

export type ScanTarget = {
  readonly kind: TargetKind;
  /** A path, or an image reference. */
  readonly place: string;
  /** The `:TAG` after a path. */
  readonly tag?: string;
  /** No prefix was written: what was taken for what is said to the user. */
  readonly isGuess: boolean;
};

const TAKES_TAG: ReadonlySet<TargetKind> = new Set(['oci', 'oci-archive', 'docker-archive']);
const DOCKER_SOCKET = '/var/run/docker.sock';

/** Reads `KIND:PLACE`, or guesses the kind of a bare PLACE by looking at it. */
export async function parseScanTarget(written: string): Promise<ScanTarget> {
  const colon = written.indexOf(':');
  const kind = TARGET_KINDS.find((word) => word === written.slice(0, colon));
  if (colon !== -1 && kind !== undefined) {
    const rest = written.slice(colon + 1);
    if (rest === '') throw invalid(`${written} names nothing after its prefix.`);
    return { kind, ...(TAKES_TAG.has(kind) ? splitTag(rest) : { place: rest }), isGuess: false };
  }
  return { ...(await guess(written)), isGuess: true };
}

/** A path may hold colons itself: the longest part that exists is the path, the rest is the tag. */
function splitTag(rest: string): { place: string; tag?: string } {
  for (let end = rest.length; end > 0; end = rest.lastIndexOf(':', end - 1)) {
    const place = rest.slice(0, end);
    if (!existsSync(place)) continue;
    return end === rest.length ? { place } : { place, tag: rest.slice(end + 1) };
  }
  return { place: rest };
}

async function guess(written: string): Promise<Omit<ScanTarget, 'isGuess'>> {
  const { place, tag } = splitTag(written);
  if (existsSync(place)) {
    const kind = await guessKind(place);
    if (tag === undefined) return { kind, place };
    if (TAKES_TAG.has(kind)) return { kind, place, tag };
  }
  const looksLikePath = /^[./~]/.test(written) || /\.(tar|json|tgz|gz)$/.test(written);
  if (looksLikePath) throw invalid(`There is no file or folder ${written}.`);
  try {
    parseImageReference(written);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw invalid(`${written} is no file, no folder and no image reference.`, { cause });
  }
  return { kind: existsSync(DOCKER_SOCKET) ? 'docker' : 'registry', place: written };
}

async function guessKind(path: string): Promise<TargetKind> {
  if (statSync(path).isDirectory()) {
    return existsSync(join(path, 'oci-layout')) ? 'oci' : 'dir';
  }
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(new Uint8Array(512), 0, 512, 0);
  const head = new TextDecoder('latin1').decode(buffer.subarray(0, bytesRead)).trimStart();
  if (head.startsWith('{')) return 'sbom';
  const { archiveKind } = await import('../connectors/image-files/open-image-file.ts');
  const kind = await archiveKind(path);
  if (kind !== undefined) return kind;
  throw invalid(`${path} is an archive, and holds neither manifest.json nor oci-layout.`);
}
