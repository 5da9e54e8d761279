import {
  jsonMember,
  jsonMembers,
  jsonText,
  parseBoundedJson,
} from '../../../formats/bounded-json.ts';
import { textLines } from '../../../formats/text-lines.ts';
import { tomlTables } from '../../../formats/toml-tables.ts';
import type { FoundComponent } from '../../cataloguer.ts';
import { distributionName, distributionVersion } from './core-metadata.ts';

export type StatedDistribution = { readonly name: unknown; readonly version: unknown };

/** Each distribution once, as declared; what is no exact version is left out. */
export function declaredDistributions(stated: Iterable<StatedDistribution>): FoundComponent[] {
  const found = new Map<string, FoundComponent>();
  for (const distribution of stated) {
    const name = distributionName(distribution.name);
    const version = distributionVersion(distribution.version);
    if (name === undefined || version === undefined) continue;
    const component = { type: 'pypi', name, version };
    found.set(`${name}@${version}`, { component, declared: true });
  }
  return [...found.values()];
}

/**
 * The requirements of a requirements.txt that are pinned by `==` or `===` (pip's requirements file
 * format, PEP 508 for a line). A range is a wish, not a version, and is left out.
 */
export function* readRequirements(bytes: Uint8Array): Generator<StatedDistribution> {
  for (const line of textLines(bytes)) {
    const requirement = line.trimStart();
    const name = /^[a-zA-Z0-9][\w.-]*/.exec(requirement)?.[0];
    if (name === undefined) continue;
    const pinned = /^={2,3}(.*)$/.exec(withoutExtras(requirement.slice(name.length)));
    const version = pinned?.[1]?.trimStart().split(/[\s;,#\\)]/, 1)[0];
    if (version !== undefined) yield { name, version };
  }
}

/** What follows a name, after its `[extras]` and the bracket that old requirements open here. */
function withoutExtras(text: string): string {
  const rest = text.trimStart();
  const specifier = rest.startsWith('[') ? rest.slice(rest.indexOf(']') + 1).trimStart() : rest;
  return specifier.startsWith('(') ? specifier.slice(1).trimStart() : specifier;
}

/** The packages of every category of a Pipfile.lock, whose versions read `==1.0`. */
export function* readPipfileLock(bytes: Uint8Array): Generator<StatedDistribution> {
  for (const [category, packages] of jsonMembers(parseBoundedJson(bytes))) {
    if (category === '_meta') continue;
    for (const [name, entry] of jsonMembers(packages)) {
      const version = jsonText(entry, 'version') ?? '';
      if (version.startsWith('==')) yield { name, version: version.replace(/^=+/, '') };
      else if (jsonMember(entry, 'version') !== undefined) yield { name, version };
    }
  }
}

/**
 * The packages of poetry.lock, uv.lock and pdm.lock (`[[package]]`) and of pylock.toml
 * (`[[packages]]`, PEP 751). uv lists the project itself, too: a package with a local source.
 */
export function* readTomlLock(bytes: Uint8Array): Generator<StatedDistribution> {
  for (const table of tomlTables(bytes, ['package', 'packages'])) {
    const source = table.get('source') ?? '';
    if (/^\{\s*(?:virtual|editable|directory)\s*=/.test(source)) continue;
    yield { name: table.get('name'), version: table.get('version') };
  }
}
