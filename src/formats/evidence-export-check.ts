import { createHash } from 'node:crypto';
import { invalid } from '../model/errors.ts';
import { HASH_BYTES, type Hash, isSameHash } from '../model/merkle.ts';
import { TILE_WIDTH, type Tile, TileAppender } from '../model/merkle-tiles.ts';
import { ByteReader } from './byte-reader.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { parseEvidenceEntry } from './evidence-entry.ts';
import {
  ExportManifest,
  formatTarHeader,
  listExportTiles,
  TAR_BLOCK_BYTES,
  tarPaddingBytes,
} from './evidence-export.ts';
import { evidenceHasher } from './evidence-proof.ts';
import { NOTE_BYTES_MAX, type VerifierKey } from './signed-note.ts';
import {
  decodeEntryBundle,
  ENTRY_BYTES_MAX,
  formatTilePath,
  type TileAddress,
} from './tlog-tiles.ts';

export type CheckedExport = {
  readonly checkpoint: Checkpoint;
  /** Bulky evidence that entries name, and how much of it the export brings. */
  readonly attachments: { readonly named: number; readonly included: number };
};

const BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX);
const MANIFEST_BYTES_MAX = 10_000;
/** Bounds the memory of the check; a log that names more has to be exported in another way. */
const ATTACHMENTS_MAX = 4_000_000;

type Options = { readonly verifierKey: VerifierKey; readonly older?: Checkpoint | undefined };

/**
 * Checks every byte of an export, streaming, trusting only the key: what is signed, that the
 * entries give the signed root, that the tiles are theirs, that evidence has its digest, and that
 * the file is spelled as an export is. Throws a Failure that names the first thing wrong.
 */
export async function checkEvidenceExport(
  file: AsyncIterable<Uint8Array>,
  { verifierKey, older }: Options,
): Promise<CheckedExport> {
  const check = new ExportCheck(new ByteReader(file), verifierKey);
  return check.run(older);
}

type Member = { readonly name: string; readonly size: number };

class ExportCheck {
  readonly #reader: ByteReader;
  readonly #verifierKey: VerifierKey;
  readonly #manifest = new ExportManifest();
  readonly #tree = new TileAppender(evidenceHasher);
  readonly #named = new Set<string>();
  #filledTiles: Tile[] = [];
  #bundleLeaves: Hash[] = [];

  constructor(reader: ByteReader, verifierKey: VerifierKey) {
    this.#reader = reader;
    this.#verifierKey = verifierKey;
  }

  async run(older: Checkpoint | undefined): Promise<CheckedExport> {
    const note = await this.#readFile(await this.#expect('checkpoint'), NOTE_BYTES_MAX);
    const checkpoint = openCheckpoint(note.toString(), this.#verifierKey);
    if (older !== undefined && older.size > checkpoint.size) {
      throw invalid(
        `The older checkpoint has ${older.size} entries and this export only ${checkpoint.size}.`,
      );
    }
    if (older?.size === 0n) this.#checkOlderRoot(older);
    for (const address of listExportTiles(checkpoint.size)) {
      if (address.level === 'entries') await this.#readBundle(address, older);
      else await this.#readTile(address);
    }
    if (!isSameHash(this.#tree.root(), checkpoint.root)) {
      throw invalid(`The ${checkpoint.size} entries do not give the root that was signed.`);
    }
    const included = await this.#readAttachments(checkpoint);
    await this.#readEnd();
    return { checkpoint, attachments: { named: this.#named.size, included } };
  }

  async #expect(name: string): Promise<Member> {
    const member = await this.#readHeader(name);
    if (member.name === name) return member;
    throw invalid(`Where ${name} belongs the export has ${member.name}.`);
  }

  /** Any header but the one its name and size would give was edited, or written by another. */
  async #readHeader(expected: string): Promise<Member> {
    const at = this.#reader.position;
    const header = await this.#reader.read(TAR_BLOCK_BYTES, `the header of ${expected}`);
    const end = header.indexOf(0);
    const name = header.toString('latin1', 0, Math.min(end < 0 ? 100 : end, 100));
    const sizeText = header.toString('latin1', 124, 135);
    const isPlain = /^[a-z0-9./]+$/.test(name) && /^[0-7]{11}$/.test(sizeText);
    const size = Number.parseInt(sizeText, 8);
    if (!isPlain || !formatTarHeader(name, size).equals(header)) {
      throw invalid(`The tar header at byte ${at}, where ${expected} belongs, was changed.`);
    }
    return { name, size };
  }

  async #readFile({ name, size }: Member, bytesMax: number): Promise<Buffer> {
    if (size > bytesMax) throw invalid(`${name} is longer than it can be.`);
    const bytes = await this.#reader.read(size, name);
    await this.#readPadding(name, size);
    this.#manifest.add(name, createHash('sha256').update(bytes).digest('hex'), size);
    return bytes;
  }

  async #readPadding(name: string, size: number): Promise<void> {
    const padding = await this.#reader.read(tarPaddingBytes(size), `the padding of ${name}`);
    if (padding.some((byte) => byte !== 0)) throw invalid(`The padding after ${name} was changed.`);
  }

  async #readBundle(address: TileAddress, older: Checkpoint | undefined): Promise<void> {
    const name = formatTilePath(address);
    const bytes = await this.#readFile(await this.#expect(name), BUNDLE_BYTES_MAX);
    const entries = decodeEntryBundle(bytes);
    if (entries === undefined) throw invalid(`${name} is not a sequence of entries.`);
    if (entries.length !== address.width) {
      throw invalid(`${name} has ${entries.length} entries instead of ${address.width}.`);
    }
    this.#bundleLeaves = [];
    for (const entry of entries) {
      const leaf = evidenceHasher.leaf(entry);
      this.#bundleLeaves.push(leaf);
      this.#tree.append(leaf);
      this.#noteAttachments(entry);
      if (older !== undefined && this.#tree.size === older.size) this.#checkOlderRoot(older);
    }
    this.#filledTiles = this.#tree.takeFull();
  }

  #checkOlderRoot(older: Checkpoint): void {
    if (isSameHash(this.#tree.root(), older.root)) return;
    throw invalid(`The log's first ${older.size} entries are not those of the older checkpoint.`);
  }

  #noteAttachments(entry: Uint8Array): void {
    for (const { digest } of parseEvidenceEntry(entry)?.attachments ?? []) {
      this.#named.add(digest.slice('sha256:'.length));
    }
    if (this.#named.size > ATTACHMENTS_MAX) throw invalid('The export names too much evidence.');
  }

  async #readTile(address: TileAddress): Promise<void> {
    const name = formatTilePath(address);
    const bytes = await this.#readFile(await this.#expect(name), TILE_WIDTH * HASH_BYTES);
    const tiles = address.width === TILE_WIDTH ? this.#filledTiles : this.#tree.border();
    const own = tiles.find(
      ({ level, index }) => level === address.level && index === address.index,
    );
    if (own === undefined || bytes.equals(own.hashes)) return this.#require(own, name);
    if (bytes.length !== own.hashes.length) throw invalid(`${name} does not have its length.`);
    const at = Math.floor(firstDifference(bytes, own.hashes) / HASH_BYTES);
    if (address.level !== 0) throw invalid(`${name} does not have the hashes of the tiles below.`);
    const index = address.index * BigInt(TILE_WIDTH) + BigInt(at);
    const bundle = formatTilePath({ ...address, level: 'entries' });
    throw invalid(`Entry ${index} in ${bundle} does not have the hash that ${name} holds for it.`);
  }

  #require(tile: Tile | undefined, name: string): void {
    if (tile === undefined) throw invalid(`${name} is no tile of this log.`);
  }

  /** Reads evidence up to and including the manifest. Returns how many there were. */
  async #readAttachments(checkpoint: Checkpoint): Promise<number> {
    let last = '';
    for (let count = 0; ; count += 1) {
      const member = await this.#readHeader('manifest.json');
      if (member.name === 'manifest.json') {
        await this.#checkManifest(member, checkpoint);
        return count;
      }
      const [, sha256] = /^evidence\/sha256\/([0-9a-f]{64})$/.exec(member.name) ?? [];
      if (sha256 === undefined || !this.#named.has(sha256)) {
        throw invalid(`The export has ${member.name}, which no entry names.`);
      }
      if (sha256 <= last) throw invalid(`${member.name} is not in its place.`);
      last = sha256;
      await this.#readAttachment(member, sha256);
    }
  }

  async #readAttachment({ name, size }: Member, sha256: string): Promise<void> {
    const sum = createHash('sha256');
    for await (const piece of this.#reader.stream(size, name)) sum.update(piece);
    if (sum.digest('hex') !== sha256)
      throw invalid(`${name} does not have the digest it is named by.`);
    await this.#readPadding(name, size);
    this.#manifest.add(name, sha256, size);
  }

  async #checkManifest({ name, size }: Member, checkpoint: Checkpoint): Promise<void> {
    if (size > MANIFEST_BYTES_MAX) throw invalid('manifest.json is longer than it can be.');
    const bytes = await this.#reader.read(size, name);
    await this.#readPadding(name, size);
    if (!this.#manifest.finish(checkpoint).equals(bytes)) {
      throw invalid(
        'manifest.json does not say what the export holds: files were taken or changed.',
      );
    }
  }

  async #readEnd(): Promise<void> {
    const end = await this.#reader.read(2 * TAR_BLOCK_BYTES, 'the closing blocks');
    if (end.some((byte) => byte !== 0))
      throw invalid('The closing blocks of the tar were changed.');
    if (!(await this.#reader.isAtEnd())) throw invalid('Something follows the end of the export.');
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  return a.findIndex((byte, at) => byte !== b[at]);
}
