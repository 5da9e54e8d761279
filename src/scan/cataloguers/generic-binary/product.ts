import type { Probe } from './probe.ts';

/** Software that images carry as a program outside any package manager. */
export type Product = {
  /** The purl name: `pkg:generic/NAME@VERSION`. */
  readonly name: string;
  /** Is a file of this name perhaps it? The program must also hold the version where it belongs. */
  readonly isNamed: (fileName: string) => boolean;
  /** Where its version stands, tried in order. Some depend on the file's name. */
  readonly probes: (fileName: string) => readonly Probe[];
  /** Other files that came with it, for a program at this path. Folders end in a slash. */
  readonly files?: (path: string) => readonly string[];
};

/** Helpers of the rows, so that a row reads as what it says. */
export const named =
  (...names: readonly string[]) =>
  (fileName: string): boolean =>
    names.includes(fileName);
export const matches =
  (pattern: RegExp) =>
  (fileName: string): boolean =>
    pattern.test(fileName);
export const always =
  (...probes: readonly Probe[]) =>
  (): readonly Probe[] =>
    probes;

/** Programs beside this one. */
export const siblings =
  (...names: readonly string[]) =>
  (path: string): readonly string[] => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return names.map((name) => folder + name);
  };

/** The folder a `bin`, `sbin` or `lib` folder of this path lies in: `usr/local/`. */
export function prefixOf(path: string): string {
  const match = /^(.{0,500}?\/|)(?:s?bin|lib(?:64)?)\//.exec(path);
  return match?.[1] ?? '';
}
