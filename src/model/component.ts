/**
 * A component: one piece of software at one version, in the words of the package URL specification
 * (https://github.com/package-url/purl-spec). `type` is the purl type: deb, apk, rpm, npm, pypi,
 * golang, maven, cargo, gem, composer, nuget, generic …
 */
export type Component = {
  readonly type: string;
  /** As the purl type has it: an npm scope with its @, a Maven group, a Go module's folder path. */
  readonly namespace?: string;
  readonly name: string;
  /**
   * As the ecosystem's own tool prints it. deb carries its epoch here (`1:2.3-4`), rpm its
   * `version-release` (its epoch is a qualifier). Empty when the source states none.
   */
  readonly version: string;
  /** purl qualifiers: arch, distro, epoch, classifier, repository_url … */
  readonly qualifiers?: Readonly<Record<string, string>>;
  readonly subpath?: string;
  /** As stated by the package, not judged: SPDX ids, or the author's words. */
  readonly licences?: readonly string[];
  /** The source package this binary package was built from. Version empty when not stated apart. */
  readonly source?: { readonly name: string; readonly version: string };
};

/** What /etc/os-release says (os-release(5)). */
export type OperatingSystem = {
  /** `debian`, `alpine`, `rhel` … lower case. */
  readonly id: string;
  readonly versionId: string;
  readonly name: string;
  readonly idLike: readonly string[];
  readonly codename?: string;
};
