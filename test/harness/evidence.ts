import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { NewEvidence } from '../../src/features/evidence/evidence-append.ts';
import type { KeeperContext } from '../../src/features/evidence/evidence-keeper.ts';
import { TreeReader } from '../../src/features/evidence/evidence-tree.ts';
import { createIds, manualClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/database.ts';
import { createLog } from '../../src/platform/log.ts';
import { createSecretStore } from '../../src/platform/secret-store.ts';

export type EvidenceWorld = KeeperContext & {
  readonly clock: ReturnType<typeof manualClock>;
  /** A folder of its own, removed when the suite is done. */
  readonly folder: string;
};

/** What the evidence slice needs, around a test database; its log lines go nowhere. */
export function anEvidenceWorld(database: Database, change: Partial<KeeperContext> = {}) {
  const clock = manualClock();
  const folder = mkdtempSync(join(tmpdir(), 'evidence-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const ring = [{ id: 'test', bytes: Buffer.alloc(32, 5) }];
  return {
    database,
    secrets: createSecretStore(ring, createIds(clock)),
    origin: 'wharfinger.test',
    reader: new TreeReader(),
    log: createLog({ write: () => {}, form: 'lines' }),
    ...change,
    clock,
    folder,
  } satisfies EvidenceWorld;
}

export function anEntry(subject: string, change: Partial<NewEvidence> = {}): NewEvidence {
  return {
    kind: 'container.seen',
    actor: 'system:sync',
    subjects: [`container:${subject}`],
    at: new Date('2026-01-01T00:00:00Z'),
    body: { state: 'running' },
    ...change,
  };
}
