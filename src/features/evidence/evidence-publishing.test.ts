import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/database.ts';
import { anEntry, anEvidenceWorld, type EvidenceWorld } from '../../../test/harness/evidence.ts';
import { openCheckpoint } from '../../formats/checkpoint.ts';
import { parseVerifierKey } from '../../formats/signed-note.ts';
import type { Actor } from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { appendEvidence } from './evidence-append.ts';
import { listEntries } from './evidence-entries.ts';
import { createEvidenceKeeper } from './evidence-keeper.ts';
import type { PlaceHttp } from './evidence-places.ts';
import { addPublication, listPublications, removePublication } from './evidence-publishing.ts';
import { type EvidenceLog, findCurrentLog, listLogs } from './evidence-store.ts';

const owner: Actor = { kind: 'user', userId: 'u1', role: 'owner' };
let database: TestDatabase;
let world: EvidenceWorld;
let place: string;

beforeEach(async () => {
  database = await testDatabase();
  world = anEvidenceWorld(database);
  place = join(world.folder, 'place');
});

async function round(context: EvidenceWorld = world): Promise<string | undefined> {
  const keeper = createEvidenceKeeper(context);
  await keeper.start();
  await keeper.stop();
  return keeper.findProblem();
}

const append = (subject: string) =>
  inTransaction(database, (transaction) => appendEvidence(transaction, anEntry(subject)));
const currentLog = async () => (await findCurrentLog(database.kysely)) as EvidenceLog;
const publications = async () => listPublications(database.kysely, await currentLog());
const published = () => readFileSync(join(place, 'checkpoint'), 'utf8');

/** A backup of the log's tables, put back by the function it answers. */
async function backUp(): Promise<() => Promise<void>> {
  const names = ['log', 'batch', 'term', 'tile', 'checkpoint'];
  for (const name of names) {
    await sql`create table ${sql.raw(`backup_${name}`)} as table evidence.${sql.raw(name)}`.execute(
      database.kysely,
    );
  }
  return async () => {
    const restored = async () => {
      await sql`delete from evidence.published`.execute(database.kysely);
      await sql`update evidence.publication set log_id = null, size = null`.execute(
        database.kysely,
      );
      for (const name of [...names].reverse()) {
        await sql`delete from evidence.${sql.raw(name)}`.execute(database.kysely);
      }
      for (const name of names) {
        await sql`insert into evidence.${sql.raw(name)} overriding system value
          select * from ${sql.raw(`backup_${name}`)}`.execute(database.kysely);
      }
    };
    await restored();
  };
}

describe('publishing', () => {
  it('puts the signed checkpoint into the folder, with one to keep a day', async () => {
    await round();
    await addPublication(world, owner, place);
    await round();
    const log = await currentLog();
    const { size } = openCheckpoint(published(), parseVerifierKey(log.verifierKey));
    expect(size).toBe(BigInt(log.size));
    expect(readdirSync(place).sort()).toEqual([
      'checkpoint',
      'wharfinger.test.2026-01-01.checkpoint',
    ]);
    expect(await publications()).toMatchObject([{ state: 'current', size: log.size }]);
  });

  it('keeps what failed as a sentence and tries again later', async () => {
    const context = { ...world, headFile: join(world.folder, 'head') };
    writeFileSync(place, 'a file where the folder should be');
    await round(context);
    await addPublication(world, owner, place);
    await round(context);
    expect(await publications()).toMatchObject([
      { state: 'failing', problem: expect.stringContaining('ENOTDIR') },
    ]);
    rmSync(place);
    await round(context);
    expect(await publications()).toMatchObject([{ state: 'failing' }]);
    world.clock.moveBy(6_000);
    await round(context);
    expect(await publications()).toMatchObject([{ state: 'current' }]);
  });

  it('leaves alone what is not a checkpoint of ours', async () => {
    await round();
    await addPublication(world, owner, place);
    await round();
    writeFileSync(join(place, 'checkpoint'), 'someone else\n');
    await append('one');
    world.clock.moveBy(61_000);
    await round();
    expect(published()).toBe('someone else\n');
    expect(await publications()).toMatchObject([
      { state: 'failing', problem: expect.stringContaining('left alone') },
    ]);
  });

  it('is for owners, and only to a folder or a web address', async () => {
    const viewer: Actor = { kind: 'user', userId: 'u2', role: 'viewer' };
    await expect(addPublication(world, viewer, place)).rejects.toThrow('role owner');
    for (const target of ['relative/folder', 'ftp://example.org/', 'https://a:b@example.org/']) {
      await expect(addPublication(world, owner, target)).rejects.toThrow();
    }
    const { id } = await addPublication(world, owner, place);
    await expect(addPublication(world, owner, place)).rejects.toThrow('already');
    await removePublication(world, owner, id);
    await expect(removePublication(world, owner, id)).rejects.toThrow('no such place');
  });

  it('goes over http where the address says so', async () => {
    const kept = new Map<string, string>();
    const placeHttp: PlaceHttp = {
      get: async (url) => kept.get(url),
      put: async (url, text) => void kept.set(url, text),
    };
    const context = { ...world, placeHttp };
    await round(context);
    await addPublication(context, owner, 'https://keeper.example/checkpoint');
    await round(context);
    expect(kept.get('https://keeper.example/checkpoint')).toContain('wharfinger.test\n');
  });
});

describe('a restore', () => {
  const firstEntry = async () => {
    const all = await listEntries(database.kysely, { kind: 'evidence.log-started' }, { limit: 10 });
    return all.items[0];
  };

  it('that fell behind a published checkpoint begins a new log that cites it', async () => {
    await round();
    await addPublication(world, owner, place);
    await append('before');
    await round();
    const restore = await backUp();
    await append('lost');
    world.clock.moveBy(61_000);
    await round();
    const old = await currentLog();
    await restore();
    await append('after');

    await round();

    const log = await currentLog();
    expect(log.origin).toBe('wharfinger.test/2');
    expect(log.verifierKey).not.toBe(old.verifierKey);
    const started = await firstEntry();
    expect(started?.place).toEqual({ logId: log.id, index: 0 });
    expect(started?.entry.body).toMatchObject({
      follows: {
        origin: 'wharfinger.test',
        size: `${old.size}`,
        root: old.root.toString('base64'),
        verifierKey: old.verifierKey,
      },
    });
    const after = await listEntries(database.kysely, { subject: 'container:after' }, { limit: 10 });
    expect(after.items[0]?.place).toEqual({ logId: log.id, index: 1 });
    world.clock.moveBy(61_000);
    await round();
    expect(published()).toContain('wharfinger.test/2\n');
    expect(existsSync(join(place, 'wharfinger.test.2026-01-01.checkpoint'))).toBe(true);
  });

  it('that fell behind the head file of this machine begins a new log too', async () => {
    const context = { ...world, headFile: join(world.folder, 'head') };
    await round(context);
    const restore = await backUp();
    await append('lost');
    await round(context);
    await restore();
    await round(context);
    expect((await listLogs(database.kysely)).map(({ origin }) => origin)).toEqual([
      'wharfinger.test/2',
      'wharfinger.test',
    ]);
  });

  it('that grew another way after it begins a new log too', async () => {
    await round();
    await addPublication(world, owner, place);
    await round();
    const restore = await backUp();
    await append('lost');
    world.clock.moveBy(61_000);
    await round();
    const kept = published();
    await restore();
    // The place was away when the restored server started, and it signed on.
    rmSync(place, { recursive: true });
    await append('other');
    await append('another');
    await round();
    mkdirSync(place);
    writeFileSync(join(place, 'checkpoint'), kept);
    world.clock.moveBy(61_000);
    await append('more');
    await round();
    expect((await currentLog()).origin).toBe('wharfinger.test/2');
  });

  it('waits with the seal while nothing can tell how far the log was signed', async () => {
    await round();
    await addPublication(world, owner, place);
    await round();
    const { size } = await currentLog();
    rmSync(place, { recursive: true });
    writeFileSync(place, 'not a folder');
    await append('waiting');
    expect(await round()).toContain('New entries are safe and wait');
    expect((await currentLog()).size).toBe(size);
    rmSync(place);
    expect(await round()).toBeUndefined();
    expect((await currentLog()).size).toBe(size + 1);
  });

  it('that lost nothing goes on with the same log', async () => {
    await round();
    await addPublication(world, owner, place);
    await round();
    const restore = await backUp();
    await restore();
    await append('after');
    await round();
    expect((await currentLog()).origin).toBe('wharfinger.test');
  });
});
