import { inflateSync } from 'node:zlib';
import { looksExecutable, readExecutables } from '../../../formats/executable.ts';
import { bool, checkShape, list, object, type Shaped, text } from '../../../formats/json-shape.ts';
import { readExactly } from '../../../formats/random-access.ts';
import type { Component } from '../../../model/component.ts';
import type { Cataloguer, FileFindings, FileView, FoundComponent } from '../../cataloguer.ts';

/** cargo-auditable's PARSING.md advises 8 MiB; real lists pack to a few KiB. */
const LIST_BYTES_MAX = 8 * 1024 * 1024;
const PACKAGES_MAX = 20_000;

/** The crates a Rust program was built from, where cargo-auditable wrote them into it. */
export const rustAuditable: Cataloguer = {
  name: 'rust-auditable',
  version: 1,
  recognises: (head) => looksExecutable(head),
  bytesMax: 1024 * 1024 * 1024,
  parse: parseRustAuditable,
};

/** The list as cargo-auditable's JSON schema has it; fields we do not use are left out. */
const packageList = object(
  {
    packages: list(
      object(
        {
          name: text({ pattern: /^[\w-]{1,200}$/ }),
          version: text({ pattern: /^[\w.+-]{1,200}$/ }),
        },
        // `build` is what ran at build time only, and is not in the program.
        { kind: text(), root: bool },
      ),
    ),
  },
  {},
);

function parseRustAuditable(file: FileView): FileFindings {
  const found = new Map<string, FoundComponent>();
  const problems: string[] = [];
  const key = `rust-auditable:${file.path}`;
  for (const image of readExecutables(file)) {
    const section = image.sections.find(({ name }) => /^(?:__DATA,)?\.dep-v0$/.test(name));
    if (section === undefined) continue;
    const packed = readExactly(file, section.offset, Math.min(section.size, LIST_BYTES_MAX));
    const crates = packed === undefined ? undefined : unpackList(packed);
    if (crates === undefined) {
      problems.push('The list of Rust crates in section .dep-v0 cannot be read.');
      continue;
    }
    for (const entry of crates.packages.slice(0, PACKAGES_MAX)) {
      if (entry.kind === 'build') continue;
      const component: Component = { type: 'cargo', name: entry.name, version: entry.version };
      const id = `${entry.name}@${entry.version}`;
      if (!found.has(id)) found.set(id, entry.root ? { component, key } : { component });
    }
  }
  const components = [...found.values()];
  const hasRoot = components.some((component) => component.key !== undefined);
  return {
    ...(components.length > 0 && { components }),
    ...(hasRoot && { ownerships: [{ by: key, paths: file.path }] }),
    ...(problems.length > 0 && { problems }),
  };
}

function unpackList(packed: Buffer): Shaped<typeof packageList> | undefined {
  try {
    const json = inflateSync(packed, { maxOutputLength: LIST_BYTES_MAX }).toString('utf8');
    return checkShape(JSON.parse(json), packageList, '.dep-v0');
  } catch {
    return undefined;
  }
}
