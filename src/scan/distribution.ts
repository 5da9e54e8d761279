import type { Component, OperatingSystem } from '../model/component.ts';

const OF_THE_SYSTEM: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm', 'opkg', 'alpm']);

/** Is this a package of the operating system's own package manager? */
export function isSystemPackage({ type }: Component): boolean {
  return OF_THE_SYSTEM.has(type);
}

const TAKES_DISTRIBUTION: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm']);

/**
 * Adds what a package database leaves out and the purl type definitions of deb, apk and rpm ask
 * for: the distribution as namespace, and with its release as the `distro` qualifier
 * (`pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12`).
 */
export function withDistribution(component: Component, os: OperatingSystem | undefined): Component {
  if (os === undefined || !TAKES_DISTRIBUTION.has(component.type)) return component;
  if (component.namespace !== undefined) return component;
  const distro = component.qualifiers?.['distro'] ?? distroOf(os);
  return {
    ...component,
    namespace: namespaceOf(os.id),
    qualifiers: { ...component.qualifiers, distro },
  };
}

/** openSUSE's os-release ids name its editions; the purl type definition has one namespace. */
function namespaceOf(id: string): string {
  return id.startsWith('opensuse') ? 'opensuse' : id;
}

function distroOf({ id, versionId, codename }: OperatingSystem): string {
  // A rolling release's version is the day it was built.
  if (id === 'opensuse-tumbleweed') return id;
  const release = versionId !== '' ? versionId : (codename ?? '');
  return release === '' ? id : `${id}-${release}`;
}
