import { looksExecutable } from '../../../formats/executable.ts';
import type { Component } from '../../../model/component.ts';
import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { LANGUAGE_PRODUCTS } from './language-products.ts';
import { findVersion } from './probe.ts';
import type { Product } from './product.ts';
import { SERVER_PRODUCTS } from './server-products.ts';
import { WELL_KNOWN_FILES } from './well-known-files.ts';

const PRODUCTS: readonly Product[] = [...LANGUAGE_PRODUCTS, ...SERVER_PRODUCTS];

const TEXT_BYTES_MAX = 256 * 1024;

/**
 * What images carry outside any package manager: programs that state their version in themselves,
 * and files by which software states it. The file is the proof.
 */
export const genericBinary: Cataloguer = {
  name: 'generic-binary',
  version: 1,
  wants: (path, size) => size <= TEXT_BYTES_MAX && isWellKnown(path),
  recognises: (head, path) => looksExecutable(head) && productsNamed(path).length > 0,
  bytesMax: 1024 * 1024 * 1024,
  parse: parseGenericBinary,
};

function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isWellKnown(path: string): boolean {
  return WELL_KNOWN_FILES.some((file) => file.isPath(path));
}

function productsNamed(path: string): readonly Product[] {
  const fileName = fileNameOf(path);
  // No product's file has a longer name; patterns are not tried on those.
  return fileName.length > 64 ? [] : PRODUCTS.filter((product) => product.isNamed(fileName));
}

function parseGenericBinary(file: FileView): FileFindings {
  for (const known of WELL_KNOWN_FILES) {
    if (!known.isPath(file.path) || file.size > TEXT_BYTES_MAX) continue;
    const text = Buffer.from(file.bytes()).toString('utf8');
    const component = known.read(text, file.path);
    if (component !== undefined) return findingsOf(file, component, known.files?.(file.path));
  }
  if (!looksExecutable(Uint8Array.from(file.read(0, 64)))) return {};
  const fileName = fileNameOf(file.path);
  for (const product of productsNamed(file.path)) {
    const version = findVersion(file, product.probes(fileName));
    if (version === undefined) continue;
    const component: Component = { type: 'generic', name: product.name, version };
    return findingsOf(file, component, product.files?.(file.path));
  }
  return {};
}

function findingsOf(
  file: FileView,
  component: Component,
  files: readonly string[] = [],
): FileFindings {
  const key = `generic-binary:${file.path}`;
  const paths = [file.path, ...files.filter((path) => path !== '')].join('\n');
  return { components: [{ component, key }], ownerships: [{ by: key, paths }] };
}
