import { comparePrereleases, readSemanticVersion } from './semver.ts';
import { compareTokens, orderBy, ZERO } from './tokens.ts';

const PARTS_MAX = 4;

/**
 * NuGet (learn.microsoft.com, "package versioning"): semver with a fourth number, missing
 * numbers 0, pre-release names without regard to case, what follows `+` without weight.
 */
export const compareNugetVersions = orderBy(
  (version) => readSemanticVersion(version.toLowerCase(), PARTS_MAX),
  (one, other) =>
    compareTokens(one.numbers, other.numbers, ZERO) ||
    comparePrereleases(one.prerelease, other.prerelease),
);
