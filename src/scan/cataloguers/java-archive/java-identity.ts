import type { Component } from '../../../model/component.ts';
import { type ArchiveName, parseArchiveName } from './archive-name.ts';
import { groupOf } from './group.ts';
import type { Manifest } from './manifest.ts';
import { asIdentifier, asVersion, type Pom } from './pom.ts';

/** Everything an archive says about what it is. */
export type ArchiveEvidence = {
  /** Its path or name; the last segment counts. */
  readonly path: string;
  readonly manifest: Manifest;
  /** By the folder they lie in. */
  readonly poms: ReadonlyMap<string, Pom>;
  readonly classFolders: ReadonlyMap<string, number>;
};

export type ArchiveIdentity = {
  readonly own?: Component;
  /** What else was merged into it (shading), with the folder that proves it. */
  readonly contained: readonly { readonly component: Component; readonly folder: string }[];
};

/** Tells what an archive is, and which Maven projects were merged into it. */
export function identifyArchive(evidence: ArchiveEvidence): ArchiveIdentity {
  const name = parseArchiveName(evidence.path);
  const ownFolder = findOwnPom(evidence, name);
  const ownPom = ownFolder === undefined ? undefined : evidence.poms.get(ownFolder);
  const own = ownComponent(evidence, name, ownPom);
  const contained = [...evidence.poms].flatMap(([folder, pom]) =>
    folder === ownFolder || pom.group === '' || pom.artifact === '' || pom.version === ''
      ? []
      : [{ folder, component: componentOfPom(pom) }],
  );
  return { ...(own !== undefined && { own }), contained };
}

function componentOfPom(pom: Pom): Component {
  return {
    type: 'maven',
    namespace: pom.group,
    name: pom.artifact,
    version: pom.version,
    ...(pom.licences.length > 0 && { licences: pom.licences }),
  };
}

/** The Maven files that speak of the archive itself and not of something merged into it. */
function findOwnPom(evidence: ArchiveEvidence, name: ArchiveName): string | undefined {
  const base = baseOf(evidence.path);
  let sameArtifact: string | undefined;
  for (const [folder, pom] of evidence.poms) {
    if (pom.artifact === '') continue;
    for (const artifact of [pom.artifact, `${pom.group}.${pom.artifact}`]) {
      const full = `${artifact}-${pom.version}`;
      if (pom.version !== '' && (base === full || base.startsWith(`${full}-`))) return folder;
      if (artifact === name.name || artifact === base) sameArtifact ??= folder;
    }
  }
  if (sameArtifact !== undefined) return sameArtifact;
  const [only, ...others] = evidence.poms;
  if (only === undefined || others.length > 0) return undefined;
  // The only Maven project in a renamed archive (app.jar) is the archive, unless the name states
  // another version: then something small was merged into something else.
  return name.version === '' || name.version === only[1].version ? only[0] : undefined;
}

function baseOf(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const dot = file.lastIndexOf('.');
  return dot > 0 ? file.slice(0, dot) : file;
}

/** sbt's packager writes the group before the artifact: `org.apache.pekko.pekko-actor_2.13`. */
const QUALIFIED_NAME =
  /^((?:com|org|net|io|dev)(?:\.[a-z][a-z0-9]{0,40}){1,6})\.([a-z][a-z0-9]{0,60}[-_][\w.-]{1,100})$/;

function ownComponent(
  evidence: ArchiveEvidence,
  name: ArchiveName,
  pom: Pom | undefined,
): Component | undefined {
  const { manifest, classFolders } = evidence;
  const version = pom?.version || asVersion(name.version) || versionOfManifest(manifest);
  const qualified = pom === undefined ? QUALIFIED_NAME.exec(name.name) : null;
  const artifact = asIdentifier(pom?.artifact || qualified?.[2] || name.name);
  // Without a version the name of a file is no component anybody could look up.
  if (artifact === '' || version === '') return undefined;
  const group =
    pom?.group || qualified?.[1] || groupOf({ artifact, version, manifest, classFolders });
  const classifier = classifierOf(evidence.path, { name, pom, version });
  const licences = pom?.licences.length ? pom.licences : licencesOfManifest(manifest);
  return {
    type: 'maven',
    ...(group !== '' && { namespace: group }),
    name: artifact,
    version,
    ...(classifier !== '' && { qualifiers: { classifier } }),
    ...(licences.length > 0 && { licences }),
  };
}

function classifierOf(
  path: string,
  known: { readonly name: ArchiveName; readonly pom: Pom | undefined; readonly version: string },
): string {
  const { name, pom, version } = known;
  if (pom === undefined) return asIdentifier(name.classifier);
  const full = `${pom.artifact}-${version}-`;
  const base = baseOf(path);
  return base.startsWith(full) ? asIdentifier(base.slice(full.length)) : '';
}

const VERSION_ATTRIBUTES: readonly string[] = [
  'implementation-version',
  'plugin-version',
  'bundle-version',
  'specification-version',
];

function versionOfManifest(manifest: Manifest): string {
  for (const attribute of VERSION_ATTRIBUTES) {
    const version = asVersion(manifest.get(attribute)?.split(/\s/)[0]);
    if (version !== '') return version;
  }
  return '';
}

/** Bundle-License lists names or addresses, each perhaps with `;link=…` (OSGi Core, 3.2.1.10). */
function licencesOfManifest(manifest: Manifest): string[] {
  const stated = manifest.get('bundle-license')?.slice(0, 2000) ?? '';
  return stated
    .split(',')
    .map((part) => part.split(';')[0]?.trim().replace(/^"|"$/g, '') ?? '')
    .filter((licence) => licence !== '' && licence !== '<<EXTERNAL>>')
    .slice(0, 20);
}
