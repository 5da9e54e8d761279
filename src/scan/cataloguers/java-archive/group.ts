import { knownGroupOf } from './known-groups.ts';
import type { Manifest } from './manifest.ts';
import { asIdentifier } from './pom.ts';

/** What an archive without Maven files lets its group be told from. */
export type GroupEvidence = {
  readonly artifact: string;
  readonly version: string;
  readonly manifest: Manifest;
  /** Class files by folder, slashes as separators. */
  readonly classFolders: ReadonlyMap<string, number>;
};

/** First segments of reverse domain names; others (`spring.core`) are mere module names. */
const DOMAINS: ReadonlySet<string> = new Set(
  (
    'com org net io de fr uk co eu nl ch at be cz dk edu es fi gov in info it jp kr me no nu pl ' +
    'pt ru se sh tv us dev app ai biz name cn br cc xyz tech cloud software jakarta javax'
  ).split(' '),
);

/** Domains that many projects share: a group below them has a segment more. */
const SHARED_DOMAINS: ReadonlySet<string> = new Set([
  'com.amazon',
  'com.github',
  'com.google',
  'com.ibm',
  'com.microsoft',
  'com.netflix',
  'com.oracle',
  'com.sun',
  'io.github',
  'net.java',
  'net.sf',
  'net.sourceforge',
  'org.apache',
  'org.codehaus',
  'org.eclipse',
  'org.glassfish',
  'org.jboss',
  'org.jetbrains',
]);

/**
 * The Maven group of an archive that does not state it: by what is known of the artifact, by the
 * manifest's identifiers, by where its classes lie. Empty when nothing tells.
 */
export function groupOf(evidence: GroupEvidence): string {
  const { artifact, version } = evidence;
  const byContent = groupByContent(evidence);
  return knownGroupOf(artifact, { version, byContent }) || byContent;
}

function groupByContent(evidence: GroupEvidence): string {
  const { artifact, manifest } = evidence;
  const title = manifest.get('implementation-title') ?? '';
  // Gradle's nebula plug-in and Ivy write `group#artifact;version`.
  const hash = title.indexOf('#');
  if (hash > 0 && isDomainName(title.slice(0, hash))) return title.slice(0, hash);
  const vendor = manifest.get('implementation-vendor-id');
  if (isDomainName(vendor)) return ofSharedDomain(asIdentifier(vendor), artifact);
  // The specifications' own: `jakarta.json.bind-api` is of group `jakarta.json.bind`.
  const api = /^((?:jakarta|javax)\.[\w.]{1,100}?)(?:-[\w-]{1,20})?$/.exec(artifact)?.[1];
  if (api !== undefined) return api;
  const prefix = artifact.lastIndexOf('.');
  if (prefix > 0 && isDomainName(artifact)) return artifact.slice(0, prefix);
  for (const name of ['bundle-symbolicname', 'automatic-module-name', 'extension-name']) {
    const identifier = manifest.get(name)?.split(';')[0]?.trim();
    if (isDomainName(identifier)) return groupOfIdentifier(asIdentifier(identifier), artifact);
  }
  return groupOfFolders(evidence.classFolders, artifact);
}

function isDomainName(text: string | undefined): boolean {
  const [first = '', second] = asIdentifier(text).split('.');
  return second !== undefined && second !== '' && DOMAINS.has(first);
}

/**
 * Identifiers go on from the group by what tells the artifact apart: `io.grpc.protobuf.lite` of
 * grpc-protobuf-lite is of group `io.grpc`, `org.apache.commons.lang3` of `org.apache.commons`.
 */
function groupOfIdentifier(identifier: string, artifact: string): string {
  const isWhole = identifier.endsWith(`.${artifact}`);
  const segments = (isWhole ? identifier.slice(0, -artifact.length - 1) : identifier).split('.');
  if (isWhole && segments.length > 1) return ofSharedDomain(segments.join('.'), artifact);
  const words = artifact.toLowerCase().split(/[-_.]/);
  const shortest = SHARED_DOMAINS.has(identifier.split('.', 2).join('.')) ? 3 : 2;
  const kept = identifier.split('.');
  while (kept.length > shortest && words.includes(kept.at(-1)?.toLowerCase() ?? '')) kept.pop();
  const nothingTold = kept.length === identifier.split('.').length && kept.length > shortest;
  return ofSharedDomain((nothingTold ? kept.slice(0, -1) : kept).join('.'), artifact);
}

/** `org.apache` is nobody's group: for the artifact ivy it stands for `org.apache.ivy`. */
function ofSharedDomain(group: string, artifact: string): string {
  return SHARED_DOMAINS.has(group) ? `${group}.${artifact.split(/[-_]/)[0]}` : group;
}

/** The folder that most classes lie below, to the depth at which domains are owned. */
function groupOfFolders(classFolders: ReadonlyMap<string, number>, artifact: string): string {
  const votes = new Map<string, number>();
  let total = 0;
  for (const [folder, count] of classFolders) {
    const [first = '', second, third] = folder.split('/');
    total += count;
    if (second === undefined || !DOMAINS.has(first)) continue;
    const pair = `${first}.${second}`;
    const owner = SHARED_DOMAINS.has(pair) && third !== undefined ? `${pair}.${third}` : pair;
    votes.set(owner, (votes.get(owner) ?? 0) + count);
  }
  let best = '';
  for (const [owner, count] of votes) {
    if (count > (votes.get(best) ?? 0)) best = owner;
  }
  // With classes of several owners and none in the majority, whose archive it is cannot be told.
  return (votes.get(best) ?? 0) * 2 > total ? asIdentifier(ofSharedDomain(best, artifact)) : '';
}
