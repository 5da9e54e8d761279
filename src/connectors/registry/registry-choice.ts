import { DOCKER_HUB, parseImageReference } from '../../formats/image-reference.ts';
import type { Platform } from '../../formats/oci.ts';
import { Failure, forbidden, tooMany } from '../../model/errors.ts';
import type { ReadProblem } from '../../model/observation.ts';
import type { RegistryClient } from './registry-client.ts';
import type { RegistrySettings } from './registry-settings.ts';

const REPOSITORIES_MAX = 100_000;
const TAGS_MAX = 200_000;
const TAG = /^\w[\w.-]{0,127}$/;
/**
 * Tags that stand for a manifest's referrers (distribution-spec "Referrers Tag Schema") and for
 * what cosign signs: no images of their own.
 */
const REFERRER_TAG = /^sha256-[0-9a-f]{64}(\.[a-z]+)?$/;

/** What the settings choose; what they leave out is counted, by name. */
export type Choice = {
  readonly repositories: (client: RegistryClient) => Promise<ChosenRepositories>;
  readonly tags: (client: RegistryClient, repository: string) => Promise<ChosenTags>;
  readonly platform: (platform: Platform) => boolean;
};

export type ChosenRepositories = {
  readonly names: readonly string[];
  readonly leftOut: number;
  readonly problems: readonly ReadProblem[];
};

export type ChosenTags = {
  readonly names: readonly string[];
  /** Tags that hold referrers, by name. */
  readonly referrerTags: ReadonlySet<string>;
  readonly leftOut: number;
};

export function choiceOf(settings: RegistrySettings): Choice {
  const platforms = settings.platforms ?? [];
  return {
    repositories: (client) => chooseRepositories(client, settings.repositories ?? []),
    tags: (client, repository) => chooseTags(client, repository, matcherOf(settings.tags ?? [])),
    platform: (platform) =>
      platforms.length === 0 || platforms.some((asked) => isPlatform(platform, asked)),
  };
}

/** `linux/arm` is every variant of it; `linux/arm/v7` one. */
function isPlatform({ os, architecture, variant = '' }: Platform, asked: string): boolean {
  const short = `${os}/${architecture}`;
  return asked === short || asked === `${short}/${variant}`;
}

async function chooseRepositories(
  client: RegistryClient,
  patterns: readonly string[],
): Promise<ChosenRepositories> {
  const { host } = client.place;
  const named = patterns.filter((one) => !one.includes('*')).map((one) => repositoryOf(host, one));
  if (patterns.length > 0 && named.length === patterns.length) {
    return { names: [...new Set(named)], leftOut: 0, problems: [] };
  }
  const chosen = new Set(named);
  const matches = matcherOf(patterns);
  const problems: ReadProblem[] = [];
  let leftOut = 0;
  try {
    for await (const page of client.repositories()) {
      for (const name of page) {
        if (!isRepository(host, name)) {
          const shown = JSON.stringify(name.slice(0, 100));
          problems.push({ subject: shown, message: `${host} lists it, and it is no name.` });
        } else if (matches(name)) chosen.add(name);
        else if (!chosen.has(name)) leftOut += 1;
      }
      if (chosen.size > REPOSITORIES_MAX) throw tooMany(`${host} lists too many repositories.`);
    }
  } catch (error) {
    problems.push({ subject: 'list of repositories', message: whyUnlisted(error, host, named) });
  }
  return { names: [...chosen], leftOut, problems };
}

/** Many registries list nothing to an ordinary user: then repositories have to be named. */
function whyUnlisted(error: unknown, host: string, named: readonly string[]): string {
  if (!(error instanceof Failure)) throw error;
  const isRefusal = error.kind === 'not-found' || error.code === 'not-allowed';
  if (!isRefusal && error.kind !== 'forbidden') throw error;
  if (named.length > 0) return error.message;
  if (!isRefusal) throw error;
  throw forbidden(`${host} does not list its repositories to us. Name those to be read.`, {
    code: 'no-catalogue',
    cause: error,
  });
}

async function chooseTags(
  client: RegistryClient,
  repository: string,
  matches: (name: string) => boolean,
): Promise<ChosenTags> {
  const names = new Set<string>();
  const referrerTags = new Set<string>();
  let leftOut = 0;
  for await (const page of client.tags(repository)) {
    for (const tag of page) {
      if (REFERRER_TAG.test(tag)) referrerTags.add(tag);
      else if (TAG.test(tag) && matches(tag)) names.add(tag);
      else leftOut += 1;
    }
    if (names.size + referrerTags.size > TAGS_MAX)
      throw tooMany(`${repository} has too many tags.`);
  }
  return { names: [...names], referrerTags, leftOut };
}

function isRepository(host: string, name: string): boolean {
  try {
    return parseImageReference(`${host}/${name}`).repository === name;
  } catch {
    return false;
  }
}

function repositoryOf(host: string, written: string): string {
  return host === DOCKER_HUB && !written.includes('/') ? `library/${written}` : written;
}

/** No pattern at all chooses everything; `*` stands for any characters, slashes too. */
function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => true;
  const parts = patterns.map((pattern) => pattern.split('*'));
  return (name) => parts.some((pieces) => matchesPieces(name, pieces));
}

/** Each piece is looked for once, after the last, so that no pattern can take exponential time. */
function matchesPieces(name: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
