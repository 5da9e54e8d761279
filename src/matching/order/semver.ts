import {
  compareTokens,
  isDigits,
  numberTokens,
  orderBy,
  type Token,
  type VersionOrder,
  ZERO,
} from './tokens.ts';

const PARTS_MAX_OF_SEMVER = 3;

export type SemanticVersion = {
  readonly numbers: readonly Token[];
  readonly prerelease: readonly Token[];
  readonly build: string | undefined;
};

/**
 * semver.org 2.0.0 §11, as npm, Cargo, Hex and Go modules have it: numbers, then pre-release
 * identifiers (a release is newer than its pre-releases); what follows `+` does not count. A
 * leading `v` is allowed and missing numbers are 0, so that `<2` can be said.
 */
export const compareSemanticVersions: VersionOrder = orderBy(
  (version) => readSemanticVersion(version, PARTS_MAX_OF_SEMVER),
  compareRead,
);

/** Names without an ecosystem: like semver, with as many numbers as there are. */
export const compareGenericVersions: VersionOrder = orderBy(
  (version) => readSemanticVersion(version, Number.POSITIVE_INFINITY),
  compareRead,
);

/**
 * Go modules (go.dev/ref/mod#versions): semver with `v`, pseudo-versions as pre-releases and
 * `+incompatible` without weight; and Go's own releases, `go1.21rc2` being 1.21.0-rc.2, as Go's
 * vulnerability database writes them.
 */
export const compareGoVersions: VersionOrder = orderBy((version) => {
  const [, numbers, kind, count] =
    /^(?:go|v)?(\d+(?:\.\d+){0,2})(?:(beta|rc)(\d+))?$/.exec(version) ?? [];
  const plain = version.startsWith('go') ? version.slice(2) : version;
  return readSemanticVersion(
    kind === undefined ? plain : `${numbers}-${kind}.${count}`,
    PARTS_MAX_OF_SEMVER,
  );
}, compareRead);

function compareRead(one: SemanticVersion, other: SemanticVersion): number {
  return (
    compareTokens(one.numbers, other.numbers, ZERO) ||
    comparePrereleases(one.prerelease, other.prerelease)
  );
}

export function readSemanticVersion(version: string, parts: number): SemanticVersion | undefined {
  const [, release = '', prerelease, build] =
    /^[vV]?(\d[\d.]*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/.exec(version) ?? [];
  const numbers = release.split('.');
  if (numbers.length > parts || !numbers.every(isDigits)) return undefined;
  const identifiers = identifierTokens(prerelease);
  return identifiers && { numbers: numberTokens(numbers), prerelease: identifiers, build };
}

/** Identifiers between dots: numbers by value and before text. Undefined when one is empty. */
export function identifierTokens(text: string | undefined): Token[] | undefined {
  if (text === undefined) return [];
  const identifiers = text.split('.');
  if (identifiers.includes('')) return undefined;
  return identifiers.map((identifier) =>
    isDigits(identifier) ? { rank: 1, number: identifier } : { rank: 2, text: identifier },
  );
}

export function comparePrereleases(one: readonly Token[], other: readonly Token[]): number {
  if (one.length === 0 || other.length === 0) {
    return Number(one.length === 0) - Number(other.length === 0);
  }
  return compareIdentifiers(one, other);
}

/** More identifiers are newer, all before them being equal. */
export function compareIdentifiers(one: readonly Token[], other: readonly Token[]): number {
  return compareTokens(one, other, { rank: 0 });
}
