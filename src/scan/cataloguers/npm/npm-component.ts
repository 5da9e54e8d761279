import type { Component } from '../../../model/component.ts';
import type { FoundComponent } from '../../cataloguer.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';

/** A package as a lock file or a package.json states it: nothing of it is checked yet. */
export type StatedPackage = {
  readonly name: unknown;
  readonly version: unknown;
  readonly licences?: readonly unknown[];
};

/** Undefined when npm could not have installed a package of that name and version. */
export function npmComponent(stated: StatedPackage): Component | undefined {
  const name = packageName(stated.name);
  const version = packageVersion(stated.version);
  if (name === undefined || version === undefined) return undefined;
  const licences = statedLicences(stated.licences ?? []);
  const slash = name.indexOf('/');
  return {
    type: 'npm',
    ...(slash === -1 ? {} : { namespace: name.slice(0, slash) }),
    name: name.slice(slash + 1),
    version,
    ...(licences.length === 0 ? {} : { licences }),
  };
}

/** Each package of a lock file once, as declared. */
export function declaredPackages(packages: Iterable<StatedPackage>): FoundComponent[] {
  const found = new Map<string, FoundComponent>();
  for (const stated of packages) {
    const component = npmComponent(stated);
    if (component === undefined) continue;
    const key = `${component.namespace ?? ''}/${component.name}@${component.version}`;
    if (!found.has(key)) found.set(key, { component, declared: true });
  }
  return [...found.values()];
}

/**
 * A name as the registry has ever taken it (validate-npm-package-name, its rules for old packages):
 * characters a URL needs no escape for, not beginning with a dot or underscore, 214 at most.
 */
export function packageName(value: unknown): string | undefined {
  const name = statedWord(value);
  if (name === undefined || name.length > 214) return undefined;
  const isName = /^(?:@[\w.~!'()*-]+\/)?[a-zA-Z0-9~!'()*-][\w.~!'()*-]*$/.test(name);
  return isName && name !== 'node_modules' ? name : undefined;
}

/** A version, by node-semver's loose rule: a leading v or = is let pass, a range or URL is not. */
export function packageVersion(value: unknown): string | undefined {
  const version = statedWord(value);
  return version !== undefined && /^[v=]?\d[\w.+-]*$/.test(version) ? version : undefined;
}
