import {
  compareIdentifiers,
  comparePrereleases,
  identifierTokens,
  readSemanticVersion,
} from './semver.ts';
import { compareTokens, orderBy, ZERO } from './tokens.ts';

/**
 * Dart's pub (dart.dev/tools/pub/versioning): semver, but what follows `+` counts, newer than the
 * same version without it.
 */
export const comparePubVersions = orderBy(readVersion, (one, other) => {
  return (
    compareTokens(one.numbers, other.numbers, ZERO) ||
    comparePrereleases(one.prerelease, other.prerelease) ||
    compareIdentifiers(one.build, other.build)
  );
});

function readVersion(version: string) {
  const read = readSemanticVersion(version, 3);
  const build = identifierTokens(read?.build);
  return read && build && { ...read, build };
}
