import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { testDatabase } from '../../../test/harness/database.ts';
import { anEvidenceWorld } from '../../../test/harness/evidence.ts';
import { openCheckpoint } from '../../formats/checkpoint.ts';
import { evidenceHasher } from '../../formats/evidence-proof.ts';
import { parseVerifierKey } from '../../formats/signed-note.ts';
import { decodeEntryBundle } from '../../formats/tlog-tiles.ts';
import { appendLeaf, emptyRange, rangeRoot } from '../../model/merkle.ts';
import { sealPending } from './evidence-sealing.ts';
import { listLogs } from './evidence-store.ts';

const ROUNDS = 12;
const crasher = join(import.meta.dirname, '../../../test/harness/evidence-crasher.ts');

/** Runs the crasher until it said so much, kills it in mid-work, and gives back what it said. */
async function runAndKill(args: readonly string[], lineCount: number): Promise<string[]> {
  const child = spawn(process.execPath, [crasher, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let died = false;
  const hasEnded = new Promise((resolve) => child.once('close', resolve)).then(() => (died = true));
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === lineCount) child.kill('SIGKILL');
  }
  await hasEnded;
  expect([died, child.signalCode]).toEqual([true, 'SIGKILL']);
  return lines;
}

it('loses nothing acknowledged and contradicts no signature, killed again and again', async () => {
  const database = await testDatabase();
  const world = anEvidenceWorld(database);
  const said: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const args = [database.url, `round-${round}`, join(world.folder, 'head')];
    // Two at once in every third round: appends and seals of several servers cross.
    const alone = runAndKill(args, 1 + 3 * round);
    const second = [database.url, `second-${round}`, join(world.folder, 'head-2')];
    const both = round % 3 === 2 ? [alone, runAndKill(second, 2 * round)] : [alone];
    for (const lines of await Promise.all(both)) said.push(...lines);
  }
  await sealPending(world, world.reader);

  const [log, ...others] = await listLogs(database.kysely);
  expect(others).toEqual([]);
  const { rows } = await sql<{ first: number; entries: Buffer }>`
    select first_index as first, entries from evidence.batch order by first_index`.execute(
    database.kysely,
  );
  const range = emptyRange();
  const rootAt = new Map<bigint, string>();
  const subjects: string[] = [];
  for (const { first, entries } of rows) {
    expect(BigInt(first)).toBe(range.size);
    for (const bytes of decodeEntryBundle(entries) ?? []) {
      appendLeaf(evidenceHasher, range, evidenceHasher.leaf(bytes));
      rootAt.set(range.size, Buffer.from(rangeRoot(evidenceHasher, range)).toString('base64'));
      subjects.push(...JSON.parse(Buffer.from(bytes).toString()).subjects);
    }
  }
  expect(rootAt.get(BigInt(log?.size ?? 0))).toBe(log?.root.toString('base64'));

  const claims = said.map((line) => line.split(' '));
  const acknowledged = claims.filter(([what]) => what === 'acknowledged').map(([, id]) => id);
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  expect(new Set(subjects).size).toBe(subjects.length);
  const kept = new Set(subjects);
  expect(acknowledged.filter((id) => !kept.has(id ?? ''))).toEqual([]);

  const signed = said.filter((line) => line.startsWith('signed '));
  expect(signed.length).toBeGreaterThan(0);
  for (const line of signed) {
    const verifierKey = parseVerifierKey(log?.verifierKey ?? '');
    const { size, root } = openCheckpoint(JSON.parse(line.slice(7)), verifierKey);
    expect(Buffer.from(root).toString('base64')).toBe(rootAt.get(size));
  }
});
