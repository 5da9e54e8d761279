import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../../../test/harness/database.ts';
import { anEntry, anEvidenceWorld, type EvidenceWorld } from '../../../test/harness/evidence.ts';
import { runVerify } from '../../cli/verify.ts';
import { evidenceHasher } from '../../formats/evidence-proof.ts';
import { decodeEntryBundle } from '../../formats/tlog-tiles.ts';
import type { Actor, Role } from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { createHttpServer } from '../../platform/http/server.ts';
import { silentLog } from '../../platform/log.ts';
import { appendEvidence, appendEvidenceBatch, hashTerm } from './evidence-append.ts';
import { eraseAttachment, storeAttachment } from './evidence-attachments.ts';
import type { EvidenceRow, EvidenceState } from './evidence-contract.ts';
import { createEvidenceKeeper, type EvidenceKeeper } from './evidence-keeper.ts';
import { registerEvidence } from './evidence-routes.ts';

let world: EvidenceWorld;
let keeper: EvidenceKeeper;
let server: FastifyInstance;
let role: Role | 'nobody' = 'owner';
const report = Buffer.from('a long scan report '.repeat(40_000));

beforeAll(async () => {
  const database = await testDatabase();
  world = anEvidenceWorld(database);
  keeper = createEvidenceKeeper(world);
  await keeper.start();
  await inTransaction(database, async (transaction) => {
    const attachment = await storeAttachment(transaction, {
      name: 'report.txt',
      mediaType: 'text/plain',
      content: report,
      at: world.clock.now(),
    });
    await appendEvidence(transaction, anEntry('with-report', { attachments: [attachment] }));
  });
  const many = Array.from({ length: 900 }, (_, at) =>
    anEntry(`${at}`, {
      kind: at % 3 === 0 ? 'container.ended' : 'container.seen',
      at: new Date(Date.parse('2026-02-01T00:00:00Z') + at * 1000),
    }),
  );
  await inTransaction(database, (transaction) => appendEvidenceBatch(transaction, many));
  for (let at = 0; at < 60; at += 1) {
    const own = anEntry('one-of-its-own', { at: new Date(Date.UTC(2026, 2, 1, 0, at)) });
    await inTransaction(database, (transaction) => appendEvidence(transaction, own));
    if (at % 20 === 0) await keeper.sealNow();
  }
  await keeper.stop();
  server = await createHttpServer({
    hosts: ['localhost:80'],
    trustedProxies: [],
    log: silentLog,
    version: '0.0.0',
    authenticate: async (): Promise<Actor> =>
      role === 'nobody' ? { kind: 'nobody' } : { kind: 'user', userId: 'u1', role },
  });
  registerEvidence(server, { ...world, findProblem: () => keeper.findProblem() });
});

async function get(path: string) {
  const reply = await server.inject({ url: path, headers: { host: 'localhost:80' } });
  return { status: reply.statusCode, reply, json: <T>() => reply.json<T>() };
}

async function list(query: string): Promise<{ items: EvidenceRow[]; next?: string }> {
  return (await get(`/api/v1/evidence/entries?${query}`)).json();
}

async function verify(content: Buffer | string, ...args: string[]) {
  const { log } = (await get('/api/v1/evidence')).json<EvidenceState>();
  const file = join(world.folder, 'file');
  writeFileSync(file, content);
  let text = '';
  const output = { write: (part: string) => (text += part) };
  const streams = { stdout: output, stderr: output };
  const code = await runVerify([file, '--key', log.verifierKey, ...args], streams);
  return { code, text };
}

describe('the list of entries', () => {
  it('finds those about one thing, newest first, page by page', async () => {
    const subject = 'subject=container:one-of-its-own';
    const first = await list(`${subject}&limit=40`);
    const second = await list(`${subject}&limit=40&cursor=${first.next}`);
    const all = [...first.items, ...second.items];
    expect([first.items.length, second.items.length]).toEqual([40, 20]);
    expect(second.next).toBeUndefined();
    expect(new Set(all.map(({ id }) => id)).size).toBe(60);
    const indexes = all.map(({ index }) => index ?? -1);
    expect(indexes).toEqual([...indexes].sort((a, b) => b - a));
  });

  it('finds by kind and time together inside one big batch', async () => {
    const { items } = await list('kind=container.ended&from=2026-02-01T00:14:00Z&limit=200');
    expect(items.map(({ subjects }) => subjects[0])).toEqual(
      Array.from({ length: 20 }, (_, at) => `container:${897 - at * 3}`),
    );
  });

  it('shows an entry before it is sealed, without a place', async () => {
    const late = anEntry('late', { at: new Date('2026-06-01T00:00:00Z') });
    await inTransaction(world.database, (transaction) => appendEvidence(transaction, late));
    const waiting = await list('subject=container:late');
    expect(waiting.items[0]?.index).toBeUndefined();
    const proof = await get(`/api/v1/evidence/entries/${waiting.items[0]?.id}/proof`);
    expect([proof.status, proof.reply.json().code]).toEqual([409, 'not-sealed']);
    await keeper.sealNow();
    const [sealed] = (await list('subject=container:late')).items;
    expect(sealed).toMatchObject({ id: waiting.items[0]?.id, index: 962 });
  });

  it('looks at the entries themselves when two terms have one hash', async () => {
    await sql`
      insert into evidence.term (term, batch_id)
      select ${hashTerm('subject', 'container:like-another')}, max(id) from evidence.batch`.execute(
      world.database.kysely,
    );
    expect((await list('subject=container:like-another')).items).toEqual([]);
  });

  it('begins again at the first page for a cursor it did not make', async () => {
    expect((await list('limit=1&cursor=nonsense')).items).toHaveLength(1);
  });

  it('says not found for an id that is none', async () => {
    for (const id of ['0-0', '1-9999', '99999-0', 'x', '1']) {
      expect((await get(`/api/v1/evidence/entries/${id}`)).status, id).toBe(404);
    }
  });
});

describe('proofs', () => {
  it('of any entry pass the offline check', async () => {
    for (const subject of ['with-report', '0', '255', '700', 'one-of-its-own']) {
      const [row] = (await list(`subject=container:${subject}&limit=1`)).items;
      const { reply } = await get(`/api/v1/evidence/entries/${row?.id}/proof`);
      const { code, text } = await verify(reply.body);
      expect([code, text]).toEqual([0, expect.stringContaining(`container:${subject}`)]);
    }
  });

  it('tie the log to an older checkpoint', async () => {
    const { checkpoint } = (await get('/api/v1/evidence')).json<EvidenceState>();
    const older = join(world.folder, 'older');
    writeFileSync(older, checkpoint?.note ?? '');
    const more = anEntry('after-the-checkpoint');
    await inTransaction(world.database, (transaction) => appendEvidence(transaction, more));
    await keeper.sealNow();
    const [row] = (await list('subject=container:after-the-checkpoint')).items;
    const path = `/api/v1/evidence/entries/${row?.id}/proof?older=${checkpoint?.size}`;
    expect(await verify((await get(path)).reply.body, '--checkpoint', older)).toMatchObject({
      code: 0,
    });
  });
});

describe('the export', () => {
  it('passes the offline check with its evidence, and fails with a byte changed', async () => {
    const { reply } = await get('/api/v1/evidence/export');
    const good = await verify(reply.rawPayload);
    expect(good).toMatchObject({ code: 0, text: expect.stringContaining('1 of 1 named are here') });
    const changed = Buffer.from(reply.rawPayload);
    changed.write('gone', changed.indexOf('a long scan report'));
    expect((await verify(changed)).code).toBe(1);
  });

  it('goes on without evidence that was erased, and says so', async () => {
    const digest = `sha256:${createHash('sha256').update(report).digest('hex')}`;
    const before = await get(`/api/v1/evidence/attachments/${digest}`);
    expect(before.reply.rawPayload.equals(report)).toBe(true);
    await inTransaction(world.database, (transaction) =>
      eraseAttachment(transaction, digest, world.clock.now()),
    );
    expect((await get(`/api/v1/evidence/attachments/${digest}`)).status).toBe(404);
    const { reply } = await get('/api/v1/evidence/export');
    expect(await verify(reply.rawPayload)).toMatchObject({
      code: 0,
      text: expect.stringContaining('0 of 1 named are here'),
    });
  });
});

describe('the tiles', () => {
  it('are those of the entries served beside them, full and partial', async () => {
    for (const name of ['000', '003.p/100', '003.p/5']) {
      const bundle = await get(`/evidence/log/tile/entries/${name}`);
      const tile = await get(`/evidence/log/tile/0/${name}`);
      const leaves = (decodeEntryBundle(bundle.reply.rawPayload) ?? []).map(evidenceHasher.leaf);
      expect(leaves.length).toBeGreaterThan(0);
      expect(Buffer.concat(leaves).equals(tile.reply.rawPayload)).toBe(true);
    }
    expect((await get('/evidence/log/tile/1/000.p/3')).reply.rawPayload).toHaveLength(96);
  });

  it('are not found beyond the signed log or under another spelling', async () => {
    for (const path of ['0/004', '0/003', '1/000', '0/0', 'entries/003.p/0', '2/000.p/1', '..']) {
      expect((await get(`/evidence/log/tile/${path}`)).status, path).toBe(404);
    }
  });
});

describe('who may', () => {
  it('read nothing unless signed in, and export only as owner, operator or auditor', async () => {
    const paths = ['/evidence/log/checkpoint', '/evidence/log/tile/0/000', '/api/v1/evidence'];
    role = 'nobody';
    for (const path of [...paths, '/api/v1/evidence/export']) {
      expect((await get(path)).status, path).toBe(401);
    }
    role = 'viewer';
    for (const path of paths) expect((await get(path)).status, path).toBe(200);
    expect((await get('/api/v1/evidence/export')).status).toBe(403);
    role = 'owner';
  });
});
