import { invalid } from '../model/errors.ts';
import { parseDigest } from './digest.ts';

/**
 * A place an image is named by (distribution/reference grammar):
 * `[host[:port]/]path[:tag][@digest]`.
 */
export type ImageReference = {
  /** `docker.io` where none was written; lower case. */
  readonly host: string;
  /** `library/debian` for `debian` of Docker Hub. */
  readonly repository: string;
  /** `latest` where neither a tag nor a digest was written. */
  readonly tag?: string;
  readonly digest?: string;
};

export const DOCKER_HUB = 'docker.io';
/** distribution/reference: a name is at most 255 characters. */
const NAME_LENGTH_MAX = 255;
const REFERENCE_LENGTH_MAX = 1024;

const PORT = /^[0-9]{1,5}$/;
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const IPV6 = /^\[[0-9A-Fa-f:.]{2,45}\]$/;
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Throws a Failure that quotes the text and says which part of it is wrong. */
export function parseImageReference(written: string): ImageReference {
  const refuse = (why: string): Error => {
    const shown = JSON.stringify(written.slice(0, 200).toWellFormed());
    return invalid(`${shown} is no image reference: ${why}.`, { code: 'not-an-image-reference' });
  };
  if (written === '') throw invalid('An empty text is no image reference.');
  if (written.length > REFERENCE_LENGTH_MAX) throw refuse('it is too long');
  const at = written.indexOf('@');
  const digest = at === -1 ? undefined : written.slice(at + 1);
  if (digest !== undefined) parseDigest(digest);
  const named = at === -1 ? written : written.slice(0, at);

  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) throw refuse(`${JSON.stringify(tag)} is no tag`);
  const name = hasTag ? named.slice(0, colon) : named;

  const { host, path } = splitHost(name);
  const whyNoHost = host === undefined ? undefined : hostFault(host);
  if (whyNoHost !== undefined) throw refuse(whyNoHost);
  const whyNoPath = pathFault(path);
  if (whyNoPath !== undefined) throw refuse(whyNoPath);
  const place = normalise(host, path);
  if (place.host.length + 1 + place.repository.length > NAME_LENGTH_MAX) {
    throw refuse(`its name is over ${NAME_LENGTH_MAX} characters`);
  }
  return {
    ...place,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    ...(tag === undefined && digest === undefined ? { tag: 'latest' } : {}),
  };
}

/** As written in full: `docker.io/library/debian:12`, with tag and digest where it has them. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.host}/${reference.repository}${tag}${digest}`;
}

/** As people write it: Docker Hub's host and `library/` left out. */
export function familiarImageReference(reference: ImageReference): string {
  const full = formatImageReference(reference);
  if (reference.host !== DOCKER_HUB) return full;
  const short = full.slice(DOCKER_HUB.length + 1);
  const official = reference.repository.split('/');
  return official.length === 2 && official[0] === 'library'
    ? short.slice('library/'.length)
    : short;
}

/**
 * The first part is a host when it could not be a part of a path: `a.b/c`, `a:5000/c`,
 * `localhost/c`.
 */
function splitHost(name: string): { host: string | undefined; path: string } {
  const slash = name.indexOf('/');
  if (slash === -1) return { host: undefined, path: name };
  const first = name.slice(0, slash);
  const isHost =
    first.includes('.') ||
    first.includes(':') ||
    first === 'localhost' ||
    first !== first.toLowerCase();
  return isHost ? { host: first, path: name.slice(slash + 1) } : { host: undefined, path: name };
}

function hostFault(host: string): string | undefined {
  const colon = host.startsWith('[') ? host.indexOf(':', host.indexOf(']')) : host.indexOf(':');
  const address = colon === -1 ? host : host.slice(0, colon);
  const port = colon === -1 ? undefined : host.slice(colon + 1);
  if (port !== undefined && (!PORT.test(port) || Number(port) > 65_535)) {
    return `${JSON.stringify(port)} is no port`;
  }
  return HOST.test(address) || IPV6.test(address)
    ? undefined
    : `${JSON.stringify(address)} is no host`;
}

function pathFault(path: string): string | undefined {
  if (path === '') return 'it names no repository';
  // docker refuses 64 hex digits as a name, which would read as an image id.
  if (/^[0-9a-f]{64}$/.test(path)) return 'it is an image id and not a name';
  for (const part of path.split('/')) {
    if (PATH_PART.test(part)) continue;
    return part === part.toLowerCase()
      ? `${JSON.stringify(part)} is no part of a repository's name`
      : `a repository's name is lower case, and ${JSON.stringify(part)} is not`;
  }
  return undefined;
}

function normalise(host: string | undefined, path: string): { host: string; repository: string } {
  // A single word is a host by its capital letter alone (`Registry/x`), which it therefore keeps.
  const folds = host === undefined || /[.:]/.test(host);
  const lower = folds ? (host?.toLowerCase() ?? DOCKER_HUB) : host;
  const isHub = lower === DOCKER_HUB || lower === 'index.docker.io';
  if (!isHub) return { host: lower, repository: path };
  return { host: DOCKER_HUB, repository: path.includes('/') ? path : `library/${path}` };
}
