import type { FileView } from '../../cataloguer.ts';
import type { ProblemList } from '../../problem-list.ts';
import { ByteBudget } from './byte-budget.ts';

/**
 * rpm's own container, "NDB" (rpm: lib/backend/ndb/rpmpkg.c). Little-endian words of four bytes.
 * The first pages are a table of slots of 16 bytes, the first two of which are the file's head:
 * magic, version, generation, number of slot pages. A slot: magic, package number, place and
 * length of its blob in blocks of 16 bytes. A blob: magic, package number, generation, length,
 * then the header's bytes.
 */
const FILE_MAGIC = 0x506d7052; // RpmP
const SLOT_MAGIC = 0x746f6c53; // Slot
const BLOB_MAGIC = 0x53626c42; // BlbS
const PAGE_BYTES = 4096;
const BLOCK_BYTES = 16;
const SLOT_BYTES = 16;
const HEAD_SLOTS = 2;
/** One slot page holds 254 packages or more. */
const SLOT_PAGES_MAX = 4096;

const word = (bytes: Uint8Array, offset: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);

export function isNdb(head: Uint8Array): boolean {
  return head.length >= 32 && word(head, 0) === FILE_MAGIC;
}

export function readNdb(
  file: FileView,
  problems: ProblemList,
  onHeader: (header: Uint8Array) => void,
): void {
  const slotPages = word(file.read(0, 32), 12);
  if (slotPages > SLOT_PAGES_MAX || slotPages * PAGE_BYTES > file.size) {
    problems.add('The database claims more slot pages than it has.');
    return;
  }
  const slots = new Uint8Array(file.read(0, slotPages * PAGE_BYTES));
  const budget = new ByteBudget(file.size);
  const view = new DataView(slots.buffer, slots.byteOffset, slots.byteLength);
  const end = slots.length - SLOT_BYTES;
  for (let at = HEAD_SLOTS * SLOT_BYTES; at <= end; at += SLOT_BYTES) {
    const packageNumber = view.getUint32(at + 4, true);
    const firstBlock = view.getUint32(at + 8, true);
    const isFree = packageNumber === 0 || firstBlock === 0;
    if (view.getUint32(at, true) !== SLOT_MAGIC) {
      problems.add(`Slot ${at / SLOT_BYTES} of the database is damaged.`);
    } else if (!isFree) {
      const header = readBlob(file, firstBlock * BLOCK_BYTES, packageNumber, budget);
      if (header === undefined) problems.add(`The blob of package ${packageNumber} is damaged.`);
      else onHeader(header);
    }
  }
}

function readBlob(
  file: FileView,
  offset: number,
  packageNumber: number,
  budget: ByteBudget,
): Uint8Array | undefined {
  const head = file.read(offset, BLOCK_BYTES);
  if (head.length < BLOCK_BYTES || word(head, 0) !== BLOB_MAGIC) return undefined;
  if (word(head, 4) !== packageNumber) return undefined;
  const length = word(head, 12);
  if (!budget.take(length)) return undefined;
  const blob = file.read(offset + BLOCK_BYTES, length);
  return blob.length === length ? new Uint8Array(blob) : undefined;
}
