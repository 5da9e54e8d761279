import { readElf } from './executable-elf.ts';
import type { ExecutableImage } from './executable-image.ts';
import { ARCHITECTURES_MAX, readMachO } from './executable-mach-o.ts';
import { readPe } from './executable-pe.ts';
import type { RandomAccess } from './random-access.ts';

/**
 * Do these first bytes of a file belong to a program or a shared library: ELF, PE or Mach-O?
 * ELF relocatable objects (.o, kernel modules) and core dumps are none.
 */
export function looksExecutable(head: Uint8Array): boolean {
  const [a, b, c, d] = head;
  if (a === 0x7f && b === 0x45 && c === 0x4c && d === 0x46) {
    const type = head[5] === 2 ? head[17] : head[16];
    return type === 2 || type === 3;
  }
  if (a === 0x4d && b === 0x5a) return head.length >= 64;
  if (a === 0xfe && b === 0xed && c === 0xfa) return d === 0xce || d === 0xcf;
  if ((a === 0xce || a === 0xcf) && b === 0xfa && c === 0xed && d === 0xfe) return true;
  if (a !== 0xca || b !== 0xfe || c !== 0xba || (d !== 0xbe && d !== 0xbf)) return false;
  return head[4] === 0 && head[5] === 0 && head[6] === 0 && (head[7] ?? 255) <= ARCHITECTURES_MAX;
}

/**
 * The programs in an executable file: none when it is not one, several in a universal Mach-O file.
 * Never throws; every region it names lies inside the file.
 */
export function readExecutables(file: RandomAccess): readonly ExecutableImage[] {
  const program = readElf(file) ?? readPe(file);
  return program === undefined ? readMachO(file) : [program];
}
