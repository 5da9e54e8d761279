import type { Untidy } from './files.ts';

export type LockFile = {
  readonly packages: Readonly<
    Record<
      string,
      { readonly dev?: boolean; readonly optionalDependencies?: Readonly<Record<string, string>> }
    >
  >;
};

type Missing = { readonly name: string; readonly version: string; readonly isDev: boolean };

/** Packages for other platforms that some package names and the lock file does not have. */
export function listMissingPlatforms(lock: LockFile): readonly Missing[] {
  const names = new Set(
    Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)),
  );
  const missing = new Map<string, Missing>();
  for (const { dev = false, optionalDependencies = {} } of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!names.has(name)) missing.set(name, { name, version, isDev: dev });
    }
  }
  return [...missing.values()];
}

/** `npm ci` refuses a lock file that lacks one of them, on every platform. */
export function findIncompleteLockFile(lock: LockFile): readonly Untidy[] {
  return listMissingPlatforms(lock).map(({ name }) => ({
    path: 'package-lock.json',
    problem: `lacks ${name}: run bin/node tools/complete-lock-file.ts`,
  }));
}
