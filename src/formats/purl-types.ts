import type { Component } from '../model/component.ts';

/**
 * What the purl type definitions (https://github.com/package-url/purl-spec, types/) say beyond the
 * rules every purl follows. A part said to be case-insensitive is lower case in the canonical form.
 */
export type PurlTypeRule = {
  /** Parts whose case carries nothing. */
  readonly lowercase: readonly ('namespace' | 'name' | 'version')[];
  /**
   * Only what the definition's own test cases insist on: Maven, deb and the like say "required"
   * too, but a jar without a group or a folder without os-release still is a component.
   */
  readonly namespace?: 'required' | 'prohibited';
  readonly qualifiersRequired?: readonly string[];
  readonly normalise?: (parts: Component) => Component;
  /** A sentence when the parts cannot be a purl of this type. */
  readonly refuse?: (parts: Component) => string | undefined;
};

const NONE: PurlTypeRule = { lowercase: [] };
const BOTH: PurlTypeRule = { lowercase: ['namespace', 'name'] };
const NAMESPACE_ONLY: PurlTypeRule = { lowercase: ['namespace'] };
const NO_NAMESPACE: PurlTypeRule = { lowercase: [], namespace: 'prohibited' };
const NAME_NO_NAMESPACE: PurlTypeRule = { lowercase: ['name'], namespace: 'prohibited' };

/** PyPI treats `-` and `_` alike; the dot of `zope.interface` stays (pypi-definition.json). */
const pypi: PurlTypeRule = {
  lowercase: ['name', 'version'],
  namespace: 'prohibited',
  normalise: (parts) =>
    parts.name.includes('_') ? { ...parts, name: parts.name.replaceAll('_', '-') } : parts,
};

const pub: PurlTypeRule = {
  lowercase: ['name'],
  namespace: 'prohibited',
  normalise: (parts) => ({ ...parts, name: parts.name.replace(/[^a-z0-9_]/g, '_') }),
};

/** Databricks folds the case of model names, Azure ML does not (mlflow-definition.json). */
const mlflow: PurlTypeRule = {
  lowercase: [],
  namespace: 'prohibited',
  normalise: (parts) =>
    (parts.qualifiers?.['repository_url'] ?? '').includes('databricks')
      ? { ...parts, name: parts.name.toLowerCase() }
      : parts,
};

/** The forges that fold case are named; any other git host may tell `A/b` from `a/b`. */
const CASELESS_GIT_HOSTS: ReadonlySet<string> = new Set(['github', 'github.com', 'bitbucket.org']);
const git: PurlTypeRule = {
  lowercase: [],
  namespace: 'required',
  normalise: (parts) =>
    CASELESS_GIT_HOSTS.has((parts.namespace ?? '').toLowerCase())
      ? {
          ...parts,
          namespace: (parts.namespace ?? '').toLowerCase(),
          name: parts.name.toLowerCase(),
        }
      : parts,
};

const cpan: PurlTypeRule = {
  lowercase: [],
  refuse: (parts) =>
    parts.name.includes('::')
      ? 'A cpan purl names a distribution, such as URI-PackageURL, and not a module with "::".'
      : undefined,
};

const chromeExtension: PurlTypeRule = {
  lowercase: ['name'],
  namespace: 'prohibited',
  refuse: (parts) => {
    if (!/^[a-p]{32}$/.test(parts.name)) {
      return 'The name in a chrome-extension purl is 32 letters from a to p.';
    }
    return parts.version === '' || /^\d+(\.\d+){0,3}$/.test(parts.version)
      ? undefined
      : 'The version in a chrome-extension purl is one to four numbers joined by dots.';
  },
};

const RULES: ReadonlyMap<string, PurlTypeRule> = new Map<string, PurlTypeRule>([
  ['alpm', BOTH],
  ['apk', BOTH],
  ['bitbucket', BOTH],
  ['brew', BOTH],
  ['composer', BOTH],
  ['deb', BOTH],
  ['github', BOTH],
  ['hex', BOTH],
  ['luarocks', BOTH],
  ['qpkg', NAMESPACE_ONLY],
  ['rpm', NAMESPACE_ONLY],
  ['yocto', NAMESPACE_ONLY],
  ['bazel', NO_NAMESPACE],
  ['cargo', NO_NAMESPACE],
  ['cocoapods', NO_NAMESPACE],
  ['conda', NO_NAMESPACE],
  ['cran', NO_NAMESPACE],
  ['gem', NO_NAMESPACE],
  ['hackage', NO_NAMESPACE],
  ['nuget', NO_NAMESPACE],
  ['opam', NO_NAMESPACE],
  ['vcpkg', NO_NAMESPACE],
  ['bitnami', NAME_NO_NAMESPACE],
  ['otp', NAME_NO_NAMESPACE],
  ['oci', { lowercase: ['name', 'version'], namespace: 'prohibited' }],
  ['huggingface', { lowercase: ['version'] }],
  ['julia', { ...NO_NAMESPACE, qualifiersRequired: ['uuid'] }],
  ['swid', { lowercase: [], qualifiersRequired: ['tag_id'] }],
  ['swift', { lowercase: [], namespace: 'required' }],
  ['vscode-extension', { lowercase: ['namespace', 'name', 'version'], namespace: 'required' }],
  ['pypi', pypi],
  ['pub', pub],
  ['mlflow', mlflow],
  ['git', git],
  ['cpan', cpan],
  ['chrome-extension', chromeExtension],
]);

export function purlTypeRule(type: string): PurlTypeRule {
  return RULES.get(type) ?? NONE;
}

/** The parts in their type's canonical form: case and characters folded where nothing is lost. */
export function normalisePurlParts(parts: Component, rule: PurlTypeRule): Component {
  let result = parts;
  for (const part of rule.lowercase) {
    const value = result[part];
    if (value === undefined) continue;
    const folded = value.toLowerCase();
    if (folded !== value) result = { ...result, [part]: folded };
  }
  return rule.normalise === undefined ? result : rule.normalise(result);
}

/** Why these parts are no purl of their type, as a sentence; undefined when they are. */
export function whyNoPurl(parts: Component, rule: PurlTypeRule): string | undefined {
  const hasNamespace = parts.namespace !== undefined && parts.namespace !== '';
  if (rule.namespace === 'required' && !hasNamespace) {
    return `A ${parts.type} purl needs a namespace.`;
  }
  if (rule.namespace === 'prohibited' && hasNamespace) {
    return `A ${parts.type} purl has no namespace, and this one says ${parts.namespace}.`;
  }
  for (const key of rule.qualifiersRequired ?? []) {
    if ((parts.qualifiers?.[key] ?? '') === '') {
      return `A ${parts.type} purl needs the qualifier ${key}.`;
    }
  }
  return rule.refuse?.(parts);
}
