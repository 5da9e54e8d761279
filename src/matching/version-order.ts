import { compareAlpmVersions } from './order/alpm.ts';
import { compareApkVersions } from './order/apk.ts';
import { compareComposerVersions } from './order/composer.ts';
import { compareDpkgVersions } from './order/dpkg.ts';
import { compareMavenVersions } from './order/maven.ts';
import { compareNugetVersions } from './order/nuget.ts';
import { compareCranVersions, compareHackageVersions } from './order/number-list.ts';
import { comparePythonVersions } from './order/pep440.ts';
import { comparePubVersions } from './order/pub.ts';
import { compareRpmToBound, compareRpmVersions } from './order/rpm.ts';
import { compareGemVersions } from './order/rubygems.ts';
import {
  compareGenericVersions,
  compareGoVersions,
  compareSemanticVersions,
} from './order/semver.ts';
import type { VersionOrder } from './order/tokens.ts';

/** Longer text is nobody's version. */
const VERSION_LENGTH_MAX = 1000;

/** The order of each purl type that has one here. */
const ORDERS: ReadonlyMap<string, VersionOrder> = new Map([
  ['alpm', compareAlpmVersions],
  ['apk', compareApkVersions],
  ['bitnami', compareSemanticVersions],
  ['cargo', compareSemanticVersions],
  ['composer', compareComposerVersions],
  ['cran', compareCranVersions],
  ['deb', compareDpkgVersions],
  ['gem', compareGemVersions],
  ['generic', compareGenericVersions],
  ['golang', compareGoVersions],
  ['hackage', compareHackageVersions],
  ['hex', compareSemanticVersions],
  ['maven', compareMavenVersions],
  ['npm', compareSemanticVersions],
  ['nuget', compareNugetVersions],
  ['opkg', compareDpkgVersions],
  ['pub', comparePubVersions],
  ['pypi', comparePythonVersions],
  ['rpm', compareRpmVersions],
]);

/**
 * Less than 0, 0 or more than 0 as `one` is older, the same or newer, by the rule of the purl
 * type's ecosystem; 'unknown' when there is no rule, or it cannot read one of the two: never a guess.
 */
export function compareVersions(type: string, one: string, other: string): number | 'unknown' {
  return compareWith(ORDERS.get(type), one, other);
}

/** The same for a range's bound, which may leave out what people leave out: RPM's release. */
export function compareToBound(type: string, version: string, bound: string): number | 'unknown' {
  return compareWith(type === 'rpm' ? compareRpmToBound : ORDERS.get(type), version, bound);
}

function compareWith(
  order: VersionOrder | undefined,
  one: string,
  other: string,
): number | 'unknown' {
  if (one.length > VERSION_LENGTH_MAX || other.length > VERSION_LENGTH_MAX) return 'unknown';
  return order?.(one, other) ?? 'unknown';
}
