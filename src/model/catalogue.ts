import type { Component, OperatingSystem } from './component.ts';

/** Where a component was seen: the file that proves it, in which layer. */
export type Location = {
  /** Path in the image without a leading slash; `app.war!/WEB-INF/lib/x.jar` inside an archive. */
  readonly path: string;
  /** Index into `Catalogue.layers`, 0 the lowest: the layer this version of it came with. */
  readonly layer: number;
  /** Which cataloguer read it. */
  readonly cataloguer: string;
};

export type CataloguedComponent = Component & {
  readonly purl: string;
  /** At least one; sorted by path. */
  readonly locations: readonly Location[];
  /** The purl of the operating-system package that installed the proving file, where one did. */
  readonly ownedBy?: string;
};

/** Something that could not be read. The rest of the catalogue still counts. */
export type CatalogueProblem = {
  /** Path in the image, or what was being read. */
  readonly path: string;
  readonly layer?: number;
  /** A sentence for a person. */
  readonly message: string;
};

export type CataloguedLayer = {
  /** `sha256:…` of the uncompressed tar, computed here. Absent for a plain folder. */
  readonly diffId?: string;
  /** `sha256:…` of the bytes as stored (compressed), computed here when those were read. */
  readonly digest?: string;
  readonly mediaType?: string;
  /** Bytes as stored. */
  readonly size: number;
  /** The history line of the image's config that made it, where it says. */
  readonly createdBy?: string;
};

/** What is in an image: the fold of its layers. */
export type Catalogue = {
  readonly os?: OperatingSystem;
  readonly layers: readonly CataloguedLayer[];
  /** Installed components, sorted by purl, each purl once. */
  readonly components: readonly CataloguedComponent[];
  /** Named only by a lock file or the like: declared, not seen installed. */
  readonly declared: readonly CataloguedComponent[];
  readonly executables: {
    readonly total: number;
    /** How many no component explains. */
    readonly unexplained: number;
    /** Their paths, sorted, at most EXECUTABLES_NAMED_MAX of them. */
    readonly unexplainedPaths: readonly string[];
  };
  readonly problems: readonly CatalogueProblem[];
  /** `name@version` of every cataloguer that took part, so that a newer one reads again. */
  readonly cataloguers: readonly string[];
};

export const EXECUTABLES_NAMED_MAX = 1000;

/** One image: one platform's manifest, with what its config says (OCI image-spec config.md). */
export type ImageFacts = {
  /** Digest of the manifest where there is one (OCI, registry); absent in a docker archive. */
  readonly manifestDigest?: string;
  /** Digest of the config, which an engine calls the image id. */
  readonly configDigest?: string;
  readonly indexDigest?: string;
  readonly platform: {
    readonly os: string;
    readonly architecture: string;
    readonly variant?: string;
  };
  readonly created?: string;
  readonly author?: string;
  readonly user?: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Names it goes by where it was found: `debian:12`. */
  readonly tags: readonly string[];
  /** Bytes of its layers as stored. */
  readonly size: number;
};

export type ScannedImage = { readonly image: ImageFacts; readonly catalogue: Catalogue };
