import type { Buffer } from 'node:buffer';
import { invalid, tooLarge } from '../model/errors.ts';
import { BLOCK, type SparseRun } from './tar-header.ts';
import { decimal, SPARSE_RUNS_MAX } from './tar-pax.ts';

/** Maps the stored bytes of a sparse file onto the offsets they have in the file. */
export class SparseBody {
  readonly #runs: readonly SparseRun[];
  #run = 0;
  #inRun = 0;

  /** Refuses runs that overlap, run backwards or leave the file. */
  constructor(runs: readonly SparseRun[], size: number) {
    let end = 0;
    for (const run of runs) {
      if (run.offset < end || run.offset + run.length > size) {
        throw invalid('A sparse file has runs that overlap or leave the file.');
      }
      end = run.offset + run.length;
    }
    this.#runs = runs;
  }

  /** False when `body` wants no more. */
  deliver(piece: Buffer, body: (piece: Buffer, offset: number) => boolean): boolean {
    let at = 0;
    while (at < piece.length) {
      const run = this.#runs[this.#run];
      if (run === undefined) throw invalid('A sparse file has more data than its runs.');
      const take = Math.min(run.length - this.#inRun, piece.length - at);
      if (take > 0 && !body(piece.subarray(at, at + take), run.offset + this.#inRun)) return false;
      at += take;
      this.#inRun += take;
      if (this.#inRun === run.length) {
        this.#run++;
        this.#inRun = 0;
      }
    }
    return true;
  }
}

const NEWLINE = 0x0a;
const DIGITS_PER_NUMBER_MAX = 17;

/**
 * GNU sparse format 1.0: the data begins with decimal numbers, each ended by a newline: how many
 * runs, then offset and length of each, padded to a block.
 */
export class SparseTable {
  #text = '';
  #lines = 0;
  #linesExpected: number | undefined;

  /** Takes the next block of data; true when the table is complete. */
  push(block: Buffer): boolean {
    this.#text += block.toString('latin1');
    for (const byte of block) if (byte === NEWLINE) this.#lines++;
    if (this.#linesExpected === undefined) {
      const end = this.#text.indexOf('\n');
      if (end === -1 || end > DIGITS_PER_NUMBER_MAX) throw broken();
      const count = decimal(this.#text.slice(0, end));
      if (count > SPARSE_RUNS_MAX) throw tooLarge('A sparse file has too many runs.');
      this.#linesExpected = 1 + count * 2;
    }
    if (this.#text.length > this.#linesExpected * DIGITS_PER_NUMBER_MAX + BLOCK) throw broken();
    return this.#lines >= this.#linesExpected;
  }

  runs(): SparseRun[] {
    const expected = this.#linesExpected ?? 1;
    const numbers = this.#text.split('\n', expected);
    const runs: SparseRun[] = [];
    for (let at = 1; at < expected; at += 2) {
      const length = decimal(numbers[at + 1] ?? '');
      runs.push({ offset: decimal(numbers[at] ?? ''), length });
    }
    return runs;
  }
}

const broken = () => invalid('A sparse file has a broken table of runs.');
