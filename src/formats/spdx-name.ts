import type { Component } from '../model/component.ts';

/** Types whose namespace is the distribution and no part of the name people use. */
const NAMESPACE_APART: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm', 'alpm']);

/**
 * A component's name where there is one field for all of it: `@babel/core`, `group:artifact`,
 * `golang.org/x/net`, and plain `curl` for a distribution's package.
 */
export function spdxNameOf(component: Component): string {
  const { type, namespace, name } = component;
  if (namespace === undefined || NAMESPACE_APART.has(type)) return name;
  return `${namespace}${type === 'maven' ? ':' : '/'}${name}`;
}

/**
 * Namespace and name as that field wrote them, for a component whose purl says how long each is;
 * undefined when the field says something else. A purl folds case where its type does, so the
 * field is the one that still has it.
 */
export function namePartsOf(
  written: string,
  fromPurl: Component,
): Pick<Component, 'namespace' | 'name'> | undefined {
  const { type, namespace } = fromPurl;
  if (namespace === undefined || NAMESPACE_APART.has(type)) {
    return written === '' ? undefined : { ...(namespace && { namespace }), name: written };
  }
  const separator = type === 'maven' ? ':' : '/';
  const prefix = written.slice(0, namespace.length + 1);
  if (prefix.toLowerCase() !== `${namespace}${separator}`.toLowerCase()) return undefined;
  const name = written.slice(prefix.length);
  return name === '' ? undefined : { namespace: prefix.slice(0, -1), name };
}
