import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from '../formats/checkpoint.ts';
import { encodeEvidenceEntry } from '../formats/evidence-entry.ts';
import { writeEvidenceExport } from '../formats/evidence-export.ts';
import { checkEvidenceExport } from '../formats/evidence-export-check.ts';
import { evidenceHasher, formatEvidenceProof } from '../formats/evidence-proof.ts';
import { createNoteSigner, parseVerifierKey } from '../formats/signed-note.ts';
import { encodeEntryBundle } from '../formats/tlog-tiles.ts';
import type { Hash } from '../model/merkle.ts';
import {
  assembleProof,
  planConsistencyProof,
  planInclusionProof,
  type SubtreeId,
} from '../model/merkle-proof.ts';
import { type Tile, TileAppender } from '../model/merkle-tiles.ts';
import { runVerify } from './verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

const signer = createNoteSigner('wharfinger.test/log', Buffer.alloc(32, 1));
const key = signer.verifierKey;
const scan = Buffer.from('a scan report, too long for an entry '.repeat(40));
const digest = createHash('sha256').update(scan).digest('hex');

/** A log of `size` entries held in memory, as a server would serve it. */
function aLog(size: number, kind = 'container.seen') {
  const entries = Array.from({ length: size }, (_, at) =>
    encodeEvidenceEntry({
      id: `00000000-0000-4000-8000-${at.toString().padStart(12, '0')}`,
      kind,
      at: '2026-11-22T05:00:00Z',
      actor: 'system:sync',
      subjects: [`container:${at}`],
      ...(at === 3 && {
        attachments: [
          {
            name: 'report.txt',
            mediaType: 'text/plain',
            size: scan.length,
            digest: `sha256:${digest}`,
          },
        ],
      }),
    }),
  );
  const tree = new TileAppender(evidenceHasher);
  const roots = entries.map((entry) => {
    tree.append(evidenceHasher.leaf(entry));
    return tree.root();
  });
  const tiles = tree.takeChanged();
  const checkpoint = { origin: signer.name, size: BigInt(size), root: tree.root() };
  const noteAt = (older: number) => {
    const root = roots[older - 1] ?? evidenceHasher.empty;
    return signCheckpoint({ ...checkpoint, size: BigInt(older), root }, signer);
  };
  return { entries, tiles, checkpoint, noteAt };
}
type Log = ReturnType<typeof aLog>;

async function exportOf({ entries, tiles, checkpoint, noteAt }: Log): Promise<Buffer> {
  const chunks = writeEvidenceExport({
    checkpoint,
    note: noteAt(entries.length),
    readBundle: async ({ index, width }) =>
      encodeEntryBundle(entries.slice(Number(index) * 256, Number(index) * 256 + width)),
    readTile: async ({ level, index }) =>
      (tiles.find((tile) => tile.level === level && tile.index === index) as Tile).hashes,
    attachments: (async function* () {
      const content = (async function* () {
        yield scan;
      })();
      if (entries.length > 3) yield { sha256: digest, size: scan.length, content };
    })(),
  });
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

function proofOf({ entries, checkpoint, noteAt }: Log, index: number, older?: number): string {
  const rootOf = ({ level, index }: SubtreeId): Hash => {
    const tree = new TileAppender(evidenceHasher);
    const start = Number(index) * 2 ** level;
    for (const entry of entries.slice(start, start + 2 ** level)) {
      tree.append(evidenceHasher.leaf(entry));
    }
    return tree.root();
  };
  const { size } = checkpoint;
  const proofFor = (plan: ReturnType<typeof planInclusionProof>) =>
    assembleProof(evidenceHasher, plan, rootOf);
  return formatEvidenceProof({
    entry: entries[index] as Buffer,
    index: BigInt(index),
    hashes: proofFor(planInclusionProof(BigInt(index), size)),
    checkpoint: noteAt(entries.length),
    ...(older !== undefined && {
      older: { size: BigInt(older), hashes: proofFor(planConsistencyProof(BigInt(older), size)) },
    }),
  });
}

async function verify(content: string | Buffer, ...args: string[]) {
  const file = join(folder, 'file');
  writeFileSync(file, content);
  let [out, error] = ['', ''];
  const streams = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (error += text) },
  };
  const code = await runVerify([file, '--key', key, ...args], streams);
  return { code, out, error };
}

function saved(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('verify of a proof', () => {
  const log = aLog(300);

  it('says which entry is in which log', async () => {
    const { code, out } = await verify(proofOf(log, 17));
    expect(code).toBe(0);
    expect(out).toContain('Entry 17 is in the log wharfinger.test/log (300 entries)');
    expect(out).toContain('container:17');
  });

  it('refuses a key the file did not come with', async () => {
    const other = createNoteSigner(signer.name, Buffer.alloc(32, 2)).verifierKey;
    const { code, error } = await verify(proofOf(log, 17), '--key', other);
    expect([code, error]).toEqual([1, expect.stringContaining('is not signed by the key')]);
  });

  it('fails for every single changed byte', async () => {
    const proof = Buffer.from(proofOf(log, 17, 100));
    const older = saved('older', log.noteAt(100));
    expect((await verify(proof, '--checkpoint', older)).code).toBe(0);
    const anyBits = fc.integer({ min: 1, max: 255 });
    await fc.assert(
      fc.asyncProperty(fc.nat(proof.length - 1), anyBits, async (at, bits) => {
        const changed = Buffer.from(proof);
        changed[at] = (changed[at] ?? 0) ^ bits;
        const { code, error } = await verify(changed, '--checkpoint', older);
        expect([code, error]).toEqual([1, expect.stringMatching(/^[^\n]+\.\n$/)]);
      }),
      { numRuns: 300 },
    );
  });

  it('ties the log to an older checkpoint when the proof was made for it', async () => {
    const older = saved('older', log.noteAt(100));
    const rewritten = saved('rewritten', aLog(100, 'container.ended').noteAt(100));
    expect((await verify(proofOf(log, 17, 100), '--checkpoint', older)).code).toBe(0);
    const caught = await verify(proofOf(log, 17, 100), '--checkpoint', rewritten);
    expect(caught.error).toContain('first 100 entries are not those of the older checkpoint');
    const without = await verify(proofOf(log, 17), '--checkpoint', older);
    expect(without.error).toContain('ask for one with older=100');
  });
});

describe('verify of an export', () => {
  const sizes = [0, 1, 2, 255, 256, 257, 700];

  it.each(sizes)('accepts a log of %i entries', async (size) => {
    const { code, out, error } = await verify(await exportOf(aLog(size)), '--format', 'json');
    expect([code, error]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ ok: true, kind: 'export', size: `${size}` });
  });

  it('fails for every single changed byte, and names it in one sentence', async () => {
    const bytes = await exportOf(aLog(260));
    const verifierKey = parseVerifierKey(key);
    const anyBits = fc.integer({ min: 1, max: 255 });
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), anyBits, async (at, bits) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ bits;
        const chunks = (async function* () {
          yield changed.subarray(0, at);
          yield changed.subarray(at);
        })();
        await expect(checkEvidenceExport(chunks, { verifierKey })).rejects.toThrow(/^[^\n]+\.$/);
      }),
      { numRuns: 400 },
    );
  });

  it('fails wherever it is cut, and when something follows', async () => {
    const bytes = await exportOf(aLog(5));
    for (let length = 0; length < bytes.length; length += 97) {
      expect((await verify(bytes.subarray(0, length))).code).toBe(1);
    }
    const longer = await verify(Buffer.concat([bytes, Buffer.alloc(512)]));
    expect(longer.error).toContain('Something follows the end');
  });

  it('names the entry that was edited, and the evidence', async () => {
    const bytes = await exportOf(aLog(260));
    const edited = (text: string, by: string) => {
      const changed = Buffer.from(bytes);
      changed.write(by, changed.indexOf(text));
      return verify(changed);
    };
    const entry = await edited('container:257', 'container:259');
    expect(entry.error).toContain('Entry 257 in tile/entries/001.p/4 does not have the hash');
    const evidence = await edited('a scan report', 'A scan report');
    expect(evidence.error).toContain(`evidence/sha256/${digest} does not have the digest`);
  });

  it('catches a history rewritten and signed anew, given an older checkpoint', async () => {
    const kept = saved('kept', aLog(100).noteAt(100));
    expect((await verify(await exportOf(aLog(300)), '--checkpoint', kept)).code).toBe(0);
    const rewritten = await exportOf(aLog(300, 'container.ended'));
    expect((await verify(rewritten)).code).toBe(0);
    const caught = await verify(rewritten, '--checkpoint', kept);
    expect(caught.error).toContain('first 100 entries are not those of the older checkpoint');
    const shortened = await verify(await exportOf(aLog(50)), '--checkpoint', kept);
    expect(shortened.error).toContain('has 100 entries and this export only 50');
  });
});

describe('wrong use', () => {
  it('is exit code 2 with what to do', async () => {
    let error = '';
    const streams = {
      stdout: { write: () => 0 },
      stderr: { write: (text: string) => (error += text) },
    };
    expect(await runVerify(['file'], streams)).toBe(2);
    expect(error).toContain('Give the log key with --key');
    expect(await runVerify(['file', '--key', 'nonsense'], streams)).toBe(2);
    expect(await runVerify([], streams)).toBe(2);
  });

  it('is exit code 1 with one sentence for any other bytes, and never a crash', async () => {
    const starts = [
      '',
      'c2sp.org/tlog-proof@v1\n',
      'c2sp.org/tlog-proof@v1\nindex 0\n\n',
      'checkpoint\0',
    ];
    const anyFile = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 2000 }));
    await fc.assert(
      fc.asyncProperty(anyFile, async ([start, rest]) => {
        const { code, error } = await verify(Buffer.concat([Buffer.from(start), rest]));
        expect([code, error]).toEqual([1, expect.stringMatching(/^[^\n]+\.\n$/)]);
      }),
    );
  });

  it('is exit code 1 for a file that is not there or is something else', async () => {
    expect((await verify('hello')).code).toBe(1);
    let error = '';
    const streams = {
      stdout: { write: () => 0 },
      stderr: { write: (text: string) => (error += text) },
    };
    expect(await runVerify([join(folder, 'none'), '--key', key], streams)).toBe(1);
    expect(error).toContain('There is no such file.');
  });
});
