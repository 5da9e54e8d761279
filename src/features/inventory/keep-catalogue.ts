import { sql } from 'kysely';
import type { ScannedImage } from '../../model/catalogue.ts';
import type { OperatingSystem } from '../../model/component.ts';
import type { Ids } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { storeCatalogue } from '../components/components.ts';
import { appendEvidence } from '../evidence/evidence.ts';

export type KeptCatalogue = { readonly components: number; readonly evidenceId: string };

/** Makes what was read the catalogue of an image, with its proof. */
export async function keepCatalogue(
  trx: Transaction,
  read: {
    imageId: string;
    number: number;
    scanned: ScannedImage;
    at: Date;
    ids: Ids;
    actor: string;
    /** When it was read, where that was not now. */
    readAt?: Date;
  },
): Promise<KeptCatalogue> {
  const { scanned, at, ids, number } = read;
  const readAt = read.readAt ?? at;
  const { os, executables, problems, layers, cataloguers } = scanned.catalogue;
  const state = problems.length > 0 ? 'partial' : 'complete';
  const stored = await storeCatalogue(trx, { number, scanned, at: readAt, ids });
  const evidenceId = await appendEvidence(trx, {
    kind: 'image.catalogued',
    actor: read.actor,
    subjects: [`image:${read.imageId}`],
    at,
    body: {
      catalogue: stored.digest,
      components: stored.components,
      problems: problems.length,
      layers: layers.map((layer) => layer.diffId ?? layer.digest ?? null),
      cataloguers: [...cataloguers],
    },
  });
  await sql`
    update inventory.image set catalogue_state = ${state}, catalogue_error = null,
      catalogue_due_at = null, catalogue_tries = 0, catalogued_at = ${readAt},
      catalogue_evidence_id = ${evidenceId}, component_count = ${stored.components},
      executable_count = ${executables.total}, unexplained_count = ${executables.unexplained},
      problem_count = ${problems.length},
      os = ${os === undefined ? null : nameOf(os)}
    where id = ${read.imageId}::uuid`.execute(trx);
  return { components: stored.components, evidenceId };
}

/** `Debian GNU/Linux 12 (bookworm)` says its version already; `Alpine Linux` does not. */
function nameOf(os: OperatingSystem): string {
  const name = os.name || os.id;
  return name.includes(os.versionId) ? name : `${name} ${os.versionId}`;
}
