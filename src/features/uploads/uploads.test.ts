import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../../../test/harness/database.ts';
import {
  archiveOf,
  dockerArchive,
  ociFiles,
  sha256Hex,
} from '../../../test/harness/image-files.ts';
import { tar } from '../../../test/harness/tar.ts';
import { createClient } from '../../client/client.ts';
import { archiveKind, openImageFile } from '../../connectors/image-files/open-image-file.ts';
import { Failure } from '../../model/errors.ts';
import type { Role } from '../../model/roles.ts';
import { createIds, systemClock } from '../../platform/clock.ts';
import { createHttpServer } from '../../platform/http/server.ts';
import { createLog } from '../../platform/log.ts';
import { cataloguers } from '../../scan/cataloguers/list.ts';
import { registerInventory } from '../inventory/inventory.ts';
import { inventoryEndpoints } from '../inventory/inventory-contract.ts';
import { createUploads } from './uploads.ts';
import { type Upload, uploadsEndpoints } from './uploads-contract.ts';

const HOST = 'localhost:7420';
const BYTES_MAX = 4 * 1024 * 1024;

const database = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'wharfinger-uploads-'));
const log = createLog({ write: () => {}, form: 'lines' });
const ids = createIds(systemClock);
const userId = ids.next();
let role: Role | undefined = 'operator';

const options = {
  database,
  clock: systemClock,
  ids,
  log,
  folder,
  bytesMax: BYTES_MAX,
  cataloguers,
  imageFiles: {
    kindOf: archiveKind as () => Promise<'docker-archive' | 'oci-archive' | undefined>,
    open: openImageFile,
  },
};
const uploads = createUploads(options);
const http = await createHttpServer({
  hosts: [HOST],
  trustedProxies: [],
  log,
  version: '0',
  authenticate: async () =>
    role === undefined ? { kind: 'nobody' } : { kind: 'user', userId, role },
});
uploads.registerRoutes(http);
registerInventory(http, {
  ...options,
  version: '0',
  previousVisitOf: async () => undefined,
  requestCatalogue: async () => {},
});
await uploads.start();
await http.ready();
afterAll(async () => {
  await http.close();
  await uploads.stop();
  rmSync(folder, { recursive: true, force: true });
});

const client = createClient({
  server: `http://${HOST}`,
  fetch: async (input, init) => {
    const url = String(input);
    const answer = await http.inject({
      method: (init?.method ?? 'GET') as 'GET',
      url,
      headers: { host: HOST },
    });
    return new Response(answer.rawPayload as Uint8Array<ArrayBuffer>, {
      status: answer.statusCode,
    });
  },
});

function send(name: string, body: Buffer, query = '') {
  return http.inject({
    method: 'POST',
    url: `/api/v1/uploads?name=${encodeURIComponent(name)}${query}`,
    headers: { host: HOST, 'content-type': 'application/octet-stream' },
    payload: body,
  });
}

/** Hands a file in and answers what became of it. */
async function handIn(name: string, body: Buffer, query = ''): Promise<Upload> {
  const answer = await send(name, body, query);
  expect(answer.statusCode, answer.body).toBe(202);
  await uploads.settled();
  return client(uploadsEndpoints.getUpload, { params: { id: answer.json<Upload>().id } });
}

const status = (name: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.2-3\n\n`;

function debianLayer(name: string): Buffer {
  return tar(
    { name: 'etc/os-release', body: 'ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\n' },
    { name: 'var/lib/dpkg/status', body: status(name) },
  );
}

const cycloneDx = (subject: object) =>
  Buffer.from(
    JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        tools: { components: [{ type: 'application', name: 'crane-sbom', version: '3' }] },
        component: subject,
      },
      components: [
        { type: 'library', name: 'winch', version: '9', purl: 'pkg:npm/winch@9' },
        { type: 'library', name: 'hoist', version: '1', purl: 'pkg:npm/hoist@1' },
      ],
    }),
  );

async function imageOf(upload: Upload) {
  const [first] = upload.images;
  return client(inventoryEndpoints.getImage, { params: { id: first?.id ?? '' } });
}

describe('an image file that is handed in', () => {
  it('is catalogued, and stands in the inventory as seen at the uploads', async () => {
    const upload = await handIn('app.tar', dockerArchive([debianLayer('anchor')]));

    expect(upload).toMatchObject({ state: 'done', kind: 'docker-archive', problems: [] });
    expect(upload.message).toBe('test:1: 1 component.');
    const image = await imageOf(upload);
    expect(image).toMatchObject({ name: 'test:1', catalogue: 'complete', components: 1 });
    expect(image.os).toBe('Debian GNU/Linux 12');
    expect(image.seenAt).toMatchObject([{ connectionName: 'Uploads', where: 'app.tar' }]);
    expect(image.tags).toEqual(['test:1']);
    expect(image.stated).toEqual([]);
  });

  it('may be an OCI archive with images of several platforms', async () => {
    const files = ociFiles([debianLayer('keel')], { platforms: ['linux/amd64', 'linux/arm64'] });

    const upload = await handIn('both.tar', archiveOf(files));

    expect(upload).toMatchObject({ state: 'done', kind: 'oci-archive' });
    expect(upload.images).toHaveLength(2);
  });

  it('leads to the same image when it comes a second time', async () => {
    const file = dockerArchive([debianLayer('twice')]);

    const first = await handIn('one.tar', file);
    const second = await handIn('two.tar', file);

    expect(second.images).toEqual(first.images);
    expect((await imageOf(second)).seenAt.map((place) => place.where).sort()).toEqual([
      'one.tar',
      'two.tar',
    ]);
  });

  it('leaves no file behind once it was read', async () => {
    await handIn('gone.tar', dockerArchive([debianLayer('gone')]));

    expect(readdirSync(folder)).toEqual([]);
  });

  it('says which file is wrong, never where it lay', async () => {
    const lie = { diffIds: [`sha256:${'0'.repeat(64)}`] };

    const upload = await handIn('lying.tar', dockerArchive([debianLayer('lie')], lie));

    expect(upload.state).toBe('failed');
    expect(upload.message).not.toContain(folder);
    expect(upload.images).toEqual([]);
  });

  it.each([
    ['text.tar', Buffer.from('not a tar at all, only words'.repeat(50))],
    ['empty-tar.tar', tar({ name: 'readme', body: 'nothing' })],
    ['cut.tar', dockerArchive([debianLayer('cut')]).subarray(0, 1500)],
    ['bomb.json', Buffer.from('['.repeat(100_000))],
    ['words.json', Buffer.from('{"hello": 1}')],
  ])('fails with a sentence that names it: %s', async (name, bytes) => {
    const upload = await handIn(name, bytes);

    expect(upload.state).toBe('failed');
    expect(upload.message).toContain(name);
    expect(upload.message).toMatch(/\.$/);
  });

  it('is refused when it is empty or larger than allowed, and nothing is kept', async () => {
    expect((await send('none.tar', Buffer.alloc(0))).statusCode).toBe(400);
    const large = await send('large.tar', Buffer.alloc(BYTES_MAX + 1));

    expect(large.statusCode).toBe(413);
    expect(large.json<{ code: string }>().code).toBe('upload-too-large');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused from whoever may not hand in', async () => {
    const roles: (Role | undefined)[] = ['viewer', 'auditor', undefined];
    const codes: number[] = [];
    for (const one of roles) {
      role = one;
      codes.push((await send('x.tar', Buffer.from('x'))).statusCode);
    }
    role = 'operator';

    expect(codes).toEqual([403, 403, 401]);
  });

  it('is refused as anything but an octet stream', async () => {
    const answer = await http.inject({
      method: 'POST',
      url: '/api/v1/uploads?name=x',
      headers: { host: HOST },
    });

    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ detail: string }>().detail).toContain('application/octet-stream');
  });

  it('that breaks off leaves nothing, and may be sent again', async () => {
    const before = await client(uploadsEndpoints.listUploads);
    await http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = http.server.address() as AddressInfo;
    const half = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/api/v1/uploads?name=broken.tar',
      headers: { host: HOST, 'content-type': 'application/octet-stream', 'content-length': 9000 },
    });
    half.on('error', () => {});
    half.write(Buffer.alloc(1000));
    await expect.poll(() => readdirSync(folder), { timeout: 20_000 }).toHaveLength(1);

    half.destroy();

    await expect.poll(() => readdirSync(folder), { timeout: 20_000 }).toEqual([]);
    const after = await client(uploadsEndpoints.listUploads);
    expect(after.items.length).toBe(before.items.length);
  });
});

describe('an SBOM that is handed in', () => {
  it('becomes a statement about the image it names, apart from what was read', async () => {
    const archive = dockerArchive([debianLayer('stated')]);
    const read = await imageOf(await handIn('stated.tar', archive));

    const upload = await handIn(
      'stated.cdx.json',
      cycloneDx({ type: 'container', name: 'wharf/stated', version: read.configDigest }),
    );

    expect(upload).toMatchObject({ state: 'done', kind: 'sbom', images: [{ id: read.id }] });
    const image = await imageOf(upload);
    expect(image.stated).toMatchObject([
      { author: 'crane-sbom 3', format: 'CycloneDX 1.6', components: 2 },
    ]);
    expect(image.components).toBe(1);
    expect(image.seal.by).toBe('seen');
  });

  it('speaks of an image nobody has seen, and that is shown as only stated', async () => {
    const digest = `sha256:${sha256Hex(Buffer.from('unseen'))}`;

    const upload = await handIn(
      'unseen.cdx.json',
      cycloneDx({ type: 'container', name: 'wharf/unseen', version: digest }),
    );

    const image = await imageOf(upload);
    expect(image).toMatchObject({ name: 'wharf/unseen', digest, catalogue: 'unreachable' });
    expect(image.components).toBeUndefined();
    expect(image.seenAt).toEqual([]);
    expect(image.seal.by).toBe('stated');
    const searched = await sql<{ count: number }>`
      select count(*) as count from components.component where name = 'winch'`.execute(
      database.kysely,
    );
    expect(searched.rows[0]?.count).toBe(0);
  });

  it('is joined by the image itself once that is seen', async () => {
    const archive = dockerArchive([debianLayer('later')]);
    const stated = await imageOf(
      await handIn(
        'later.cdx.json',
        cycloneDx({ type: 'container', name: 'wharf/later', version: configDigestIn(archive) }),
      ),
    );

    const seen = await imageOf(await handIn('later.tar', archive));

    expect(seen.id).toBe(stated.id);
    expect(seen).toMatchObject({ catalogue: 'complete', components: 1 });
    expect(seen.stated).toHaveLength(1);
  });

  it('without a digest says so, and can be handed in for an image by hand', async () => {
    const sbom = cycloneDx({ type: 'container', name: 'wharf/nameless' });
    const image = await imageOf(await handIn('by-hand.tar', dockerArchive([debianLayer('hand')])));

    const alone = await handIn('nameless.cdx.json', sbom);
    const told = await handIn('nameless.cdx.json', sbom, `&image=${image.id}`);

    expect(alone).toMatchObject({ state: 'failed' });
    expect(alone.message).toContain('does not say which image');
    expect(told).toMatchObject({ state: 'done', images: [{ id: image.id }] });
  });

  it('handed in twice is one statement', async () => {
    const digest = `sha256:${sha256Hex(Buffer.from('again'))}`;
    const sbom = cycloneDx({ type: 'container', name: 'wharf/again', version: digest });

    await handIn('again.json', sbom);
    const image = await imageOf(await handIn('again.json', sbom));

    expect(image.stated).toHaveLength(1);
  });
});

describe('the start after a server died', () => {
  it('removes what broke off, keeps the files of others, and reads what had arrived', async () => {
    const home = mkdtempSync(join(tmpdir(), 'wharfinger-uploads-'));
    const id = ids.next();
    const file = dockerArchive([debianLayer('survivor')]);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, id), file);
    writeFileSync(join(home, `${ids.next()}.part`), 'half');
    writeFileSync(join(home, ids.next()), 'whole, and never acknowledged');
    writeFileSync(join(home, 'notes.txt'), 'of somebody else');
    await sql`
      insert into uploads.upload
        (id, name, size_bytes, digest, actor, state, received_at, tries)
      values (${id}, 'survivor.tar', ${file.length}, ${Buffer.alloc(32)}, 'user:x', 'reading',
              now(), 1)`.execute(database.kysely);

    const next = createUploads({ ...options, folder: home });
    await next.start();
    await next.settled();

    expect(readdirSync(home)).toEqual(['notes.txt']);
    const upload = await client(uploadsEndpoints.getUpload, { params: { id } });
    expect(upload).toMatchObject({ state: 'done', images: [{ name: 'test:1' }] });
    rmSync(home, { recursive: true });
  });

  it('gives a file up that ended the server again and again', async () => {
    const home = mkdtempSync(join(tmpdir(), 'wharfinger-uploads-'));
    const id = ids.next();
    writeFileSync(join(home, id), dockerArchive([debianLayer('deadly')]));
    await sql`
      insert into uploads.upload
        (id, name, size_bytes, digest, actor, state, received_at, tries)
      values (${id}, 'deadly.tar', 1, ${Buffer.alloc(32)}, 'user:x', 'reading', now(),
              3)`.execute(database.kysely);

    const next = createUploads({ ...options, folder: home });
    await next.start();
    await next.settled();

    const upload = await client(uploadsEndpoints.getUpload, { params: { id } });
    expect(upload).toMatchObject({ state: 'failed', message: expect.stringContaining('3 times') });
    expect(existsSync(join(home, id))).toBe(false);
    rmSync(home, { recursive: true });
  });
});

describe('the list of uploads', () => {
  it('shows the newest first, page by page', async () => {
    const first = await client(uploadsEndpoints.listUploads, { query: { limit: 2 } });
    const second = await client(uploadsEndpoints.listUploads, {
      query: { limit: 2, cursor: first.next },
    });

    const times = [...first.items, ...second.items].map((upload) => upload.receivedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(new Set([...first.items, ...second.items].map((upload) => upload.id)).size).toBe(4);
  });

  it('says of an unknown one that there is none', async () => {
    const asked = client(uploadsEndpoints.getUpload, { params: { id: ids.next() } });

    await expect(asked).rejects.toThrow(Failure);
  });
});

/** The config's digest is the name of its file in the archive. */
function configDigestIn(archive: Buffer): string {
  const name = /([0-9a-f]{64})\.json/.exec(archive.toString('latin1'))?.[1] ?? '';
  return `sha256:${name}`;
}
