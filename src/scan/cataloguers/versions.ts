/**
 * Names and versions of all cataloguers, as list.ts has them; a test compares the two. It is apart
 * so that a scan whose layers are all known does not load parsers that it will not run: that is
 * most of its time.
 */
export const cataloguerVersions: readonly { readonly name: string; readonly version: number }[] = [
  { name: 'apk', version: 1 },
  { name: 'bitnami', version: 1 },
  { name: 'chisel', version: 1 },
  { name: 'composer', version: 1 },
  { name: 'conda', version: 1 },
  { name: 'dotnet', version: 1 },
  { name: 'dpkg', version: 1 },
  { name: 'gem', version: 1 },
  { name: 'generic-binary', version: 1 },
  { name: 'go-binary', version: 1 },
  { name: 'java-archive', version: 1 },
  { name: 'npm', version: 1 },
  { name: 'os-release', version: 1 },
  { name: 'pacman', version: 1 },
  { name: 'pypi', version: 1 },
  { name: 'r-package', version: 1 },
  { name: 'rpm', version: 1 },
  { name: 'rust-auditable', version: 1 },
];
