import { textLines } from '../../../formats/text-lines.ts';
import type { StatedPackage } from './npm-component.ts';
import { aliased } from './package-lock.ts';

type Entry = { descriptor: string; version?: string; resolution?: string };

/**
 * The packages of a yarn.lock. Both of its languages are lines that a program wrote: a heading of
 * what was asked for, then indented fields, with a colon in Yarn 2 and later (which also states the
 * resolution) and without one in Yarn 1.
 */
export function* readYarnLock(bytes: Uint8Array): Generator<StatedPackage> {
  let entry: Entry | undefined;
  for (const line of textLines(bytes)) {
    if (line === '' || line.startsWith('#')) continue;
    if (!line.startsWith(' ')) {
      if (entry !== undefined) yield* packageOf(entry);
      entry = { descriptor: firstDescriptor(line) };
    } else if (entry !== undefined && line.startsWith('  ') && line[2] !== ' ') {
      readField(entry, line.trim());
    }
  }
  if (entry !== undefined) yield* packageOf(entry);
}

/** `"a@^1", a@~1:` asks for one package twice; the first says its name. */
function firstDescriptor(heading: string): string {
  const list = heading.endsWith(':') ? heading.slice(0, -1) : heading;
  return (list.split(',', 1)[0] ?? '').trim().replaceAll('"', '');
}

function readField(entry: Entry, field: string): void {
  const space = field.indexOf(' ');
  if (space === -1) return;
  const name = field.slice(0, space).replace(':', '');
  const value = field.slice(space + 1).replaceAll('"', '');
  if (name === 'version') entry.version = value;
  if (name === 'resolution') entry.resolution = value;
}

function* packageOf(entry: Entry): Generator<StatedPackage> {
  const { name, range } = splitDescriptor(entry.resolution ?? entry.descriptor);
  // What lies in the project itself is not fetched: Yarn gives it the version 0.0.0-use.local.
  if (LOCAL_PROTOCOLS.some((protocol) => range.startsWith(protocol))) return;
  yield { name: aliased(range)?.name ?? name, version: entry.version };
}

const LOCAL_PROTOCOLS = ['workspace:', 'link:', 'portal:'];

/** `@scope/name@range`: the range begins after the first @ that does not begin the scope. */
export function splitDescriptor(descriptor: string): { name: string; range: string } {
  const at = descriptor.indexOf('@', 1);
  if (at === -1) return { name: descriptor, range: '' };
  return { name: descriptor.slice(0, at), range: descriptor.slice(at + 1) };
}
