import { textLines } from '../../../formats/text-lines.ts';
import type { FoundComponent } from '../../cataloguer.ts';
import { gemComponent } from './gem-component.ts';
import { gemName, gemPlatform, gemVersion } from './gemspec.ts';

/**
 * The gems of a Gemfile.lock (Bundler's lock file): the lines `    name (1.0-platform)` below the
 * `specs:` of a GEM or GIT section; what PATH names lies in the project itself.
 */
export function readGemfileLock(bytes: Uint8Array): FoundComponent[] {
  const found = new Map<string, FoundComponent>();
  let section = '';
  for (const line of textLines(bytes)) {
    if (line !== '' && !line.startsWith(' ')) section = line.trim();
    if (section !== 'GEM' && section !== 'GIT') continue;
    const locked = /^ {4}([\w.-]+) \(([^()]+)\)$/.exec(line);
    if (locked === null) continue;
    // A version has no dash of its own: what follows one is the platform.
    const [, stated, release = ''] = locked;
    const dash = release.indexOf('-');
    const name = gemName(stated);
    const version = gemVersion(dash === -1 ? release : release.slice(0, dash));
    const platform = dash === -1 ? undefined : gemPlatform(release.slice(dash + 1));
    if (name === undefined || version === undefined) continue;
    const component = gemComponent({ name, version, ...(platform && { platform }) });
    found.set(`${name} ${release}`, { component, declared: true });
  }
  return [...found.values()];
}
