import {
  jsonElements,
  jsonMember,
  jsonText,
  parseBoundedJson,
} from '../../../formats/bounded-json.ts';
import type { FileFindings } from '../../cataloguer.ts';
import type { InstalledFolder } from './installed-folder.ts';
import { npmComponent, packageName } from './npm-component.ts';

// The largest package.json on the registry are below 1 MiB; some carry their whole configuration.
const BYTES_MAX = 8 * 1024 * 1024;

/**
 * An installed package, by its package.json (npm's package-json(5)). Its name is the one it states:
 * an alias such as node_modules/string-width-cjs holds string-width. A package that states no name
 * goes by its folder, as in `npm ls`; one that states no version was not installed from anywhere.
 */
export function readPackageJson(bytes: Uint8Array, installed: InstalledFolder): FileFindings {
  const manifest = parseBoundedJson(bytes, { bytesMax: BYTES_MAX });
  const version = jsonMember(manifest, 'version');
  if (version === undefined || version === null || version === '') return {};
  const name = packageName(jsonMember(manifest, 'name')) ?? installed.name;
  const component = npmComponent({ name, version, licences: statedLicenceForms(manifest) });
  if (component === undefined) {
    return { problems: ['The name or version is not one that npm could have installed.'] };
  }
  const key = `npm:${installed.folder}`;
  return {
    components: [{ component, key }],
    ownerships: [{ by: key, paths: `${installed.folder}/` }],
  };
}

/**
 * `"license": "MIT"` is today's form; `{"type", "url"}`, a list of either, and the plural
 * `licenses` were npm's before 2014 and are still installed.
 */
function statedLicenceForms(manifest: unknown): readonly unknown[] {
  return ['license', 'licenses'].flatMap((member) => {
    const stated = jsonMember(manifest, member);
    const forms = Array.isArray(stated) ? jsonElements(stated) : [stated];
    return forms.map((form) => jsonText(form, 'type') ?? jsonText(form, 'name') ?? form);
  });
}
