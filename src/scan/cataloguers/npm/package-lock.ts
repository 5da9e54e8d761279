import {
  jsonMember,
  jsonMembers,
  jsonText,
  parseBoundedJson,
} from '../../../formats/bounded-json.ts';
import type { StatedPackage } from './npm-component.ts';

/**
 * The packages of package-lock.json or npm-shrinkwrap.json (npm's package-lock-json(5)): versions 2
 * and 3 list folders under `packages`, version 1 nests `dependencies`. The project itself, its
 * workspaces and links to them are not packages that an install would fetch.
 */
export function* readPackageLock(bytes: Uint8Array): Generator<StatedPackage> {
  const lock = parseBoundedJson(bytes);
  const packages = jsonMember(lock, 'packages');
  if (packages === undefined) {
    yield* nestedDependencies(lock);
    return;
  }
  for (const [folder, entry] of jsonMembers(packages)) {
    const at = folder.lastIndexOf('node_modules/');
    if (at === -1 || jsonMember(entry, 'link') === true) continue;
    yield {
      // An alias states its real name; others go by their folder.
      name: jsonText(entry, 'name') ?? folder.slice(at + 'node_modules/'.length),
      version: jsonMember(entry, 'version'),
      licences: [jsonMember(entry, 'license')],
    };
  }
}

function* nestedDependencies(lock: unknown): Generator<StatedPackage> {
  // Their depth is bounded by the JSON's.
  const waiting = [jsonMember(lock, 'dependencies')];
  while (waiting.length > 0) {
    for (const [name, entry] of jsonMembers(waiting.pop())) {
      const version = jsonText(entry, 'version') ?? '';
      yield aliased(version) ?? { name, version };
      waiting.push(jsonMember(entry, 'dependencies'));
    }
  }
}

/** The package behind `npm:real@1.0.0`, which stands where a version or range would. */
export function aliased(range: string): { name: string; version: string } | undefined {
  const at = range.lastIndexOf('@');
  if (!range.startsWith('npm:') || at <= 'npm:'.length) return undefined;
  return { name: range.slice('npm:'.length, at), version: range.slice(at + 1) };
}
