import type { Buffer } from 'node:buffer';
import { invalid } from '../model/errors.ts';
import type { SparseRun } from './tar-header.ts';

/** What a pax extended header says about the entry that follows (POSIX.1-2001, pax(1)). */
export type PaxRecords = {
  path?: string;
  linkPath?: string;
  size?: number;
  /** GNU sparse 0.0, 0.1 and 1.0 (GNU tar manual, "PAX Format, Versions 0.0 and 0.1 …"). */
  sparseName?: string;
  sparseSize?: number;
  sparseRuns?: SparseRun[];
  /** Format 1.0: the table of runs is at the start of the file's data. */
  sparseInData?: boolean;
};

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const LENGTH_DIGITS_MAX = 8;
export const SPARSE_RUNS_MAX = 100_000;

/** Parses `LENGTH KEY=VALUE\n` records. LENGTH counts itself, in bytes. */
export function parsePax(bytes: Buffer): PaxRecords {
  const records: PaxRecords = {};
  const sparse = { offset: undefined as number | undefined, runs: [] as SparseRun[] };
  let at = 0;
  while (at < bytes.length) {
    // Some writers pad the records with NULs up to the block.
    if (bytes[at] === 0) break;
    const { keyStart, end } = recordBounds(bytes, at);
    const equals = bytes.indexOf(EQUALS, keyStart);
    if (equals === -1 || equals >= end) throw broken();
    const key = bytes.toString('latin1', keyStart, equals);
    applyRecord(records, sparse, key, bytes.toString('utf8', equals + 1, end));
    at = end + 1;
  }
  if (sparse.runs.length > 0) records.sparseRuns = sparse.runs;
  return records;
}

function recordBounds(bytes: Buffer, start: number): { keyStart: number; end: number } {
  let length = 0;
  let at = start;
  for (; bytes[at] !== SPACE; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x30 || byte > 0x39 || at - start >= LENGTH_DIGITS_MAX) throw broken();
    length = length * 10 + (byte - 0x30);
  }
  const end = start + length - 1;
  if (end <= at || end >= bytes.length || bytes[end] !== NEWLINE) throw broken();
  return { keyStart: at + 1, end };
}

function applyRecord(
  records: PaxRecords,
  sparse: { offset: number | undefined; runs: SparseRun[] },
  key: string,
  value: string,
): void {
  switch (key) {
    case 'path':
      records.path = text(value);
      return;
    case 'linkpath':
      records.linkPath = text(value);
      return;
    case 'size':
      records.size = decimal(value);
      return;
    case 'GNU.sparse.name':
      records.sparseName = text(value);
      return;
    case 'GNU.sparse.size':
    case 'GNU.sparse.realsize':
      records.sparseSize = decimal(value);
      return;
    case 'GNU.sparse.major':
      records.sparseInData = value === '1';
      return;
    case 'GNU.sparse.offset':
      sparse.offset = decimal(value);
      return;
    case 'GNU.sparse.numbytes':
      if (sparse.offset === undefined) throw broken();
      addRun(sparse.runs, sparse.offset, decimal(value));
      sparse.offset = undefined;
      return;
    case 'GNU.sparse.map':
      addMap(sparse.runs, value);
  }
}

function addMap(runs: SparseRun[], value: string): void {
  if (value === '') return;
  const numbers = value.split(',', SPARSE_RUNS_MAX * 2 + 2);
  if (numbers.length % 2 !== 0) throw broken();
  for (let at = 0; at < numbers.length; at += 2) {
    addRun(runs, decimal(numbers[at] ?? ''), decimal(numbers[at + 1] ?? ''));
  }
}

function addRun(runs: SparseRun[], offset: number, length: number): void {
  if (runs.length >= SPARSE_RUNS_MAX) {
    throw invalid(`A sparse file has more than ${SPARSE_RUNS_MAX} runs.`);
  }
  runs.push({ offset, length });
}

/** A decimal number as pax and the GNU sparse tables write it. */
export function decimal(value: string): number {
  if (!/^\d{1,16}$/.test(value)) throw broken();
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw broken();
  return number;
}

function text(value: string): string {
  if (value.includes('\0')) throw broken();
  return value;
}

const broken = () => invalid('A pax header has a broken record.');
