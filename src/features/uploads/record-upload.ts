import { imageSubjectOf } from '../../formats/sbom-subject.ts';
import type { StatedSbom } from '../../formats/stated-sbom.ts';
import { terminalLine } from '../../formats/terminal-text.ts';
import type { ScannedImage } from '../../model/catalogue.ts';
import { invalid } from '../../model/errors.ts';
import type { ImageObservation } from '../../model/observation.ts';
import type { Ids } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { platformText } from '../../scan/pick-image.ts';
import { storeStatedSbom } from '../components/components.ts';
import { useUploadConnection } from '../connections/connections.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import {
  findImagesByDigest,
  findImagesById,
  type KnownImage,
  keepCatalogue,
  noteStatedImage,
  Recorder,
} from '../inventory/inventory.ts';
import type { ReadUpload } from './read-upload.ts';
import type { UploadProblem, UploadRow } from './uploads-store.ts';

export type Recorded = {
  readonly images: readonly KnownImage[];
  readonly message: string;
  readonly problems: readonly UploadProblem[];
  readonly evidenceId: string;
};

type Recording = { readonly row: UploadRow; readonly at: Date; readonly ids: Ids };

const PROBLEMS_KEPT_MAX = 100;
const AUTHOR_LENGTH_MAX = 200;

/** Takes what was read into the inventory, in the caller's transaction. */
export function recordUpload(
  trx: Transaction,
  recording: Recording,
  read: ReadUpload,
): Promise<Recorded> {
  return read.kind === 'sbom'
    ? recordSbom(trx, recording, read)
    : recordImages(trx, recording, read.images);
}

async function recordImages(
  trx: Transaction,
  recording: Recording,
  scanned: readonly ScannedImage[],
): Promise<Recorded> {
  const { row, at, ids } = recording;
  const connection = await useUploadConnection(trx, { at, ids });
  const recorder = new Recorder({ connectionId: connection.id, sample: false, at, ids });
  const observations = scanned.map((one) => observationOf(one, row.name));
  const tags = observations.flatMap(({ tags: names, where, key }) =>
    names.map((name) => ({ kind: 'tag' as const, where, name, digest: key })),
  );
  await recorder.record(trx, [...observations, ...tags]);
  const images: KnownImage[] = [];
  let components = 0;
  for (const one of scanned) {
    const [image] = await findImagesByDigest(trx, [keyOf(one)]);
    if (image === undefined) throw new Error('A recorded image is not found by its digest.');
    const read = { imageId: image.id, number: image.number, scanned: one };
    const kept = await keepCatalogue(trx, { ...read, at, ids, actor: row.actor });
    components += kept.components;
    images.push(image);
  }
  const evidenceId = await appendEvidence(trx, {
    kind: 'upload.catalogued',
    actor: row.actor,
    subjects: subjectsOf(row, images),
    at,
    body: { digest: `sha256:${row.digest.toString('hex')}`, images: images.length, components },
  });
  const what = images.length === 1 ? (images[0]?.name ?? '') : `${images.length} images`;
  const problems = scanned.flatMap((one) => one.catalogue.problems.map(problemOf));
  return {
    images,
    message: `${what}: ${components} component${components === 1 ? '' : 's'}.`,
    problems: problems.slice(0, PROBLEMS_KEPT_MAX),
    evidenceId,
  };
}

const problemOf = ({ path, message }: { path: string; message: string }): UploadProblem => ({
  subject: path,
  message,
});

/** An entry names at most 100 subjects; the upload leads to the rest. */
function subjectsOf(row: UploadRow, images: readonly KnownImage[]): string[] {
  return [`upload:${row.id}`, ...images.slice(0, 90).map((image) => `image:${image.id}`)];
}

function keyOf({ image }: ScannedImage): string {
  const key = image.configDigest ?? image.manifestDigest;
  if (key === undefined) throw invalid('An image in it has no config: it cannot be told apart.');
  return key;
}

function observationOf(scanned: ScannedImage, fileName: string): ImageObservation {
  const { image, catalogue } = scanned;
  const given = <K extends string>(name: K, value: string | undefined) =>
    (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: string };
  return {
    kind: 'image',
    key: keyOf(scanned),
    ...given('configDigest', image.configDigest),
    manifestDigests: image.manifestDigest === undefined ? [] : [image.manifestDigest],
    indexDigests: image.indexDigest === undefined ? [] : [image.indexDigest],
    where: fileName,
    tags: image.tags,
    platform: platformText(image.platform),
    sizeBytes: image.size,
    ...given('createdAt', timeOf(image.created)),
    diffIds: catalogue.layers.flatMap(({ diffId }) => diffId ?? []),
    labels: image.labels,
  };
}

/** A config may say anything is its time (RFC 3339 by the specification). */
function timeOf(created: string | undefined): string | undefined {
  if (created === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(created)) {
    return undefined;
  }
  return Number.isNaN(Date.parse(created)) ? undefined : created;
}

async function recordSbom(
  trx: Transaction,
  recording: Recording,
  { sbom, bytes }: { sbom: StatedSbom; bytes: Buffer },
): Promise<Recorded> {
  const { row, at, ids } = recording;
  const images = await imagesSpokenOf(trx, recording, sbom);
  const format = `${sbom.format} ${sbom.formatVersion}`;
  const author = authorOf(sbom);
  const components = sbom.components.length;
  const evidenceId = await appendEvidence(trx, {
    kind: 'sbom.stated',
    actor: row.actor,
    subjects: subjectsOf(row, images),
    at,
    body: { digest: `sha256:${row.digest.toString('hex')}`, format, components },
  });
  for (const { id: imageId } of images) {
    const statement = { imageId, author, format, components, bytes, at, ids, evidenceId };
    await storeStatedSbom(trx, statement);
  }
  const about = images
    .map((image) => image.name)
    .slice(0, 3)
    .join(', ');
  return {
    images,
    message: `${format} by ${author}, about ${about}: it states ${components} components.`,
    problems: sbom.problems
      .slice(0, PROBLEMS_KEPT_MAX)
      .map((message) => ({ subject: row.name, message })),
    evidenceId,
  };
}

async function imagesSpokenOf(
  trx: Transaction,
  { row, at, ids }: Recording,
  sbom: StatedSbom,
): Promise<readonly KnownImage[]> {
  if (row.about_image_id !== null) {
    const told = await findImagesById(trx, [row.about_image_id]);
    if (told.length === 0) throw invalid('The image this SBOM was handed in for is not known.');
    return told;
  }
  const subject = imageSubjectOf(sbom);
  if (subject === undefined || subject.digests.length === 0) {
    throw invalid(
      `${row.name} does not say which image it is about: its subject has no digest. Hand it in ` +
        "again on that image's page.",
      { code: 'sbom-without-image' },
    );
  }
  const known = await findImagesByDigest(trx, subject.digests);
  if (known.length > 0) return known;
  const name = terminalLine(subject.name, 300) || (subject.digests[0] ?? '');
  return [await noteStatedImage(trx, { name, digests: subject.digests, at, ids })];
}

function authorOf(sbom: StatedSbom): string {
  const named = sbom.authors.length > 0 ? sbom.authors : sbom.tools;
  const author = terminalLine(named.slice(0, 5).join(', '), AUTHOR_LENGTH_MAX).trim();
  return author === '' ? 'an unnamed author' : author;
}
