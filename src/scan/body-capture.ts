import { Buffer } from 'node:buffer';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileView } from './cataloguer.ts';
import { makeViewBuffers, memoryView, rangeView, type ViewBuffers } from './file-view.ts';
import type { FileFacts } from './layer-collector.ts';

/** Larger bodies go to a file without a name, so that a worker's memory stays bounded. */
const MEMORY_BYTES_MAX = 4 * 1024 * 1024;
const FIRST_BYTES = 256 * 1024;

/**
 * Holds one body at a time while it streams past, so that a parser can look at any part of it. The
 * buffer is used again for the next body, and the file is never visible to anybody.
 */
export class BodyCapture {
  readonly views: ViewBuffers = makeViewBuffers();
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #facts: FileFacts = { path: '', size: 0, mode: 0 };
  #inFile = false;
  #fd: number | undefined;

  /** `hasHoles`: what is not written reads as zeros. */
  begin(facts: FileFacts, hasHoles: boolean): void {
    this.#facts = facts;
    this.#inFile = facts.size > MEMORY_BYTES_MAX;
    if (this.#inFile) {
      this.#fd ??= openUnnamedFile();
      ftruncateSync(this.#fd, 0);
      if (hasHoles) ftruncateSync(this.#fd, facts.size);
      return;
    }
    if (this.#buffer.length < facts.size) {
      const doubled = Math.max(this.#buffer.length * 2, facts.size);
      this.#buffer = Buffer.allocUnsafeSlow(Math.min(doubled, MEMORY_BYTES_MAX));
    }
    if (hasHoles) this.#buffer.fill(0, 0, facts.size);
  }

  write(piece: Buffer, offset: number): void {
    if (!this.#inFile) {
      piece.copy(this.#buffer, offset);
      return;
    }
    const fd = this.#fd;
    if (fd === undefined) return;
    for (let at = 0; at < piece.length; ) {
      at += writeSync(fd, piece, at, piece.length - at, offset + at);
    }
  }

  /** Valid until the next `begin`. */
  view(): FileView {
    if (this.#inFile && this.#fd !== undefined) {
      return rangeView(this.#facts, { fd: this.#fd, offset: 0 }, this.views);
    }
    return memoryView(this.#facts, this.#buffer.subarray(0, this.#facts.size));
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** Its name is gone before a byte is in it: a crash leaves nothing behind. */
function openUnnamedFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-'));
  try {
    return openSync(join(folder, 'body'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
