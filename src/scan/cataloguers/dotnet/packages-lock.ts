import {
  jsonMember,
  jsonMembers,
  jsonText,
  parseBoundedJson,
} from '../../../formats/bounded-json.ts';
import type { FileFindings, FileView, FoundComponent } from '../../cataloguer.ts';
import { nugetComponent } from './nuget-component.ts';

/**
 * The packages of a packages.lock.json (NuGet, "Locking dependencies"), for every target framework;
 * an entry of type Project is another project of the same solution.
 */
export function readPackagesLock(file: FileView): FileFindings {
  const found = new Map<string, FoundComponent>();
  const frameworks = jsonMember(parseBoundedJson(file.bytes()), 'dependencies');
  for (const [, packages] of jsonMembers(frameworks)) {
    for (const [id, entry] of jsonMembers(packages)) {
      if (jsonText(entry, 'type')?.toLowerCase() === 'project') continue;
      const component = nugetComponent(id, jsonMember(entry, 'resolved'));
      if (component === undefined) continue;
      found.set(`${component.name}/${component.version}`, { component, declared: true });
    }
  }
  return { components: [...found.values()] };
}
