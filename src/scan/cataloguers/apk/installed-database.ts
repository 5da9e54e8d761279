import { PathText } from '../../path-text.ts';
import type { ProblemList } from '../../problem-list.ts';
import { statedWord } from '../../stated-words.ts';

/** A package as the installed database has it; a field that is not stated is empty. */
export type InstalledPackage = {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly origin: string;
  readonly licence: string;
  /** Newline-separated, without leading slash. */
  readonly paths: string;
};

const PACKAGES_MAX = 200_000;
/** Longer than any real name or version; licence expressions reach some hundred bytes. */
const VALUE_BYTES_MAX = 4096;

const NEWLINE = 0x0a;
const COLON = 0x3a;
const code = (letter: string): number => letter.charCodeAt(0);
const NAME = code('P');
const VERSION = code('V');
const ARCH = code('A');
const LICENCE = code('L');
const ORIGIN = code('o');
const FOLDER = code('F');
const FILE = code('R');

/**
 * Reads apk's installed database (https://wiki.alpinelinux.org/wiki/Apk_spec, "Installed
 * Database"): lines of one letter, a colon and the value, packages apart by an empty line. `F:`
 * opens a folder, `R:` names a file in the folder opened last; a folder without files stands for
 * itself and is not kept. One pass over the bytes.
 */
export function readInstalled(
  bytes: Uint8Array,
  problems: ProblemList,
): readonly InstalledPackage[] {
  const reader = new InstalledReader(bytes, problems);
  let position = 0;
  while (position < bytes.length) {
    const start = position;
    while (position < bytes.length && bytes[position] !== NEWLINE) position += 1;
    if (position === start) reader.endPackage();
    else reader.takeLine(start, position);
    position += 1;
  }
  reader.endPackage();
  return reader.packages;
}

class InstalledReader {
  readonly packages: InstalledPackage[] = [];
  readonly #bytes: Uint8Array;
  readonly #buffer: Buffer;
  readonly #problems: ProblemList;
  readonly #paths: PathText;
  #number = 1;
  #isEmpty = true;
  #name = '';
  #version = '';
  #arch = '';
  #origin = '';
  #licence = '';

  constructor(bytes: Uint8Array, problems: ProblemList) {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#problems = problems;
    this.#paths = new PathText(bytes);
  }

  takeLine(start: number, end: number): void {
    this.#isEmpty = false;
    if (this.#bytes[start + 1] !== COLON || end < start + 2) {
      this.#problems.add(`Package ${this.#number} has a line that is not a field.`);
      return;
    }
    const valueStart = start + 2;
    switch (this.#bytes[start]) {
      case FILE:
        this.#paths.addFile(valueStart, end);
        return;
      case FOLDER:
        this.#paths.openFolder(valueStart, end);
        return;
      case NAME:
        this.#name = this.#value(valueStart, end);
        return;
      case VERSION:
        this.#version = this.#value(valueStart, end);
        return;
      case ARCH:
        this.#arch = this.#value(valueStart, end);
        return;
      case ORIGIN:
        this.#origin = this.#value(valueStart, end);
        return;
      case LICENCE:
        this.#licence = this.#value(valueStart, end);
        return;
      default:
        return;
    }
  }

  endPackage(): void {
    if (this.#isEmpty) return;
    const number = this.#number;
    if (statedWord(this.#name) === undefined) {
      this.#problems.add(`Package ${number} has no name (P:) that could be one.`);
    } else if (statedWord(this.#version) === undefined) {
      this.#problems.add(`Package ${number} has no version (V:) that could be one.`);
    } else if (this.packages.length >= PACKAGES_MAX) {
      this.#problems.add(`Package ${number} is over the limit of ${PACKAGES_MAX} packages.`);
    } else this.#keep();
    this.#reset();
  }

  #keep(): void {
    if (this.#paths.isCut) {
      this.#problems.add(`The file list of package ${this.#number} is too long to keep whole.`);
    }
    this.packages.push({
      name: this.#name,
      version: this.#version,
      arch: this.#arch,
      origin: this.#origin,
      licence: this.#licence,
      paths: this.#paths.text(),
    });
  }

  #reset(): void {
    this.#number += 1;
    this.#isEmpty = true;
    this.#name = '';
    this.#version = '';
    this.#arch = '';
    this.#origin = '';
    this.#licence = '';
    this.#paths.clear();
  }

  #value(start: number, end: number): string {
    if (end - start <= VALUE_BYTES_MAX) return this.#buffer.toString('utf8', start, end).trim();
    this.#problems.add(`Package ${this.#number} has a field that is too long to be one.`);
    return '';
  }
}
