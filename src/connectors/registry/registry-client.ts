import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseBoundedJson } from '../../formats/bounded-json.ts';
import { isDigest, parseDigest } from '../../formats/digest.ts';
import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  MANIFEST_BYTES_MAX,
  MEDIA_TYPES,
  parseManifest,
} from '../../formats/oci.ts';
import { CONFIG_BYTES_MAX } from '../../formats/oci-config.ts';
import { Failure, forbidden, invalid, notFound, tooMany, unavailable } from '../../model/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import {
  createOutboundClient,
  type OutboundCall,
  type OutboundClient,
  type OutboundDocument,
  type OutboundOptions,
  type OutboundStream,
} from '../../platform/outbound/outbound-client.ts';
import { nextPageOf } from './next-page.ts';
import { placeOf, type RegistryPlace, type RegistrySettings } from './registry-settings.ts';
import { RegistrySignIn } from './registry-sign-in.ts';

export type FoundManifest = {
  readonly digest: string;
  readonly document: ImageIndex | ImageManifest;
};

const PAGES_MAX = 10_000;
const PAGE_BYTES_MAX = 16 * 1024 * 1024;
const PAGE_ENTRIES = 1000;
/** What an error says is shown, so it is kept short. */
const ERROR_BYTES_MAX = 64 * 1024;
const ACCEPT = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
].join(', ');

const Catalog = z.object({ repositories: z.array(z.string().max(1000)).nullish() });
const Tags = z.object({ tags: z.array(z.string().max(1000)).nullish() });
const Errors = z.object({
  errors: z.array(z.object({ code: z.string().nullish(), message: z.string().nullish() })),
});

/**
 * A registry by the OCI distribution specification (1.1; Docker's registry API v2 before it). Only
 * GET and HEAD are ever sent: reading must not be able to change a thing.
 */
export class RegistryClient {
  readonly place: RegistryPlace;
  readonly #http: OutboundClient;
  readonly #signIn: RegistrySignIn;

  constructor(
    settings: RegistrySettings,
    context: { signal: AbortSignal; clock: Clock; outbound?: Partial<OutboundOptions> },
  ) {
    const { username, password = '', ca } = settings;
    this.place = placeOf(settings);
    const { origin, tokenHosts, storageHosts } = this.place;
    this.#http = createOutboundClient({
      origin,
      others: [...tokenHosts, ...storageHosts],
      signal: context.signal,
      ...(ca === undefined ? {} : { ca }),
      ...context.outbound,
    });
    this.#signIn = new RegistrySignIn({
      http: this.#http,
      place: this.place,
      credentials: username === undefined ? undefined : { username, password },
      nowMs: () => context.clock.now().getTime(),
    });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** Whether a registry answers here and lets us in. */
  async ping(): Promise<void> {
    const answer = await this.#document('/v2/', { scope: '', bytesMax: ERROR_BYTES_MAX });
    const { host } = this.place;
    if (answer.status === 404) throw notFound(`What answers at ${host} is no container registry.`);
    if (answer.status !== 200) throw this.#refused(answer, 'its API');
  }

  /** Names of repositories, page by page. Not every registry lists them to everyone. */
  async *repositories(): AsyncGenerator<readonly string[]> {
    const first = `/v2/_catalog?n=${PAGE_ENTRIES}`;
    const scope = 'registry:catalog:*';
    for await (const answer of this.#pages(first, scope, 'its list of repositories')) {
      yield this.#checked(answer, Catalog).repositories ?? [];
    }
  }

  /** Tags of a repository, page by page. Throws not-found where the repository is not there. */
  async *tags(repository: string): AsyncGenerator<readonly string[]> {
    const first = `/v2/${repository}/tags/list?n=${PAGE_ENTRIES}`;
    for await (const answer of this.#pages(first, pullOf(repository), `tags of ${repository}`)) {
      yield this.#checked(answer, Tags).tags ?? [];
    }
  }

  /** The digest a tag names now; undefined where the registry does not say it in a header. */
  async digestOf(repository: string, tag: string): Promise<string | undefined> {
    const path = `/v2/${repository}/manifests/${tag}`;
    const answer = await this.#document(path, {
      scope: pullOf(repository),
      method: 'HEAD',
      headers: { accept: ACCEPT },
      bytesMax: ERROR_BYTES_MAX,
    });
    if (answer.status === 404) throw notFound(`${this.#name(repository, tag)} is not there.`);
    const digest = answer.headers['docker-content-digest'];
    if (answer.status !== 200 || digest === undefined || !isDigest(digest)) return undefined;
    return digest;
  }

  /**
   * The manifest or index that a tag or digest names, compared with its digest: the one asked for,
   * or the one the registry states.
   */
  async manifest(repository: string, reference: string): Promise<FoundManifest> {
    const name = this.#name(repository, reference);
    const answer = await this.#document(`/v2/${repository}/manifests/${reference}`, {
      scope: pullOf(repository),
      headers: { accept: ACCEPT },
      bytesMax: MANIFEST_BYTES_MAX,
    });
    if (answer.status !== 200) throw this.#refused(answer, name);
    const { bytes, headers } = answer;
    const stated = isDigest(reference) ? reference : headers['docker-content-digest'];
    const digest = digestOfBytes(bytes, stated, name);
    const type = headers['content-type']?.split(';')[0]?.trim();
    return { digest, document: parseManifest(bytes, name, type) };
  }

  /** A small blob (a config), compared with its digest and size. */
  async blob(repository: string, { digest, size }: Descriptor): Promise<Buffer> {
    const name = this.#name(repository, digest);
    const answer = await this.#document(`/v2/${repository}/blobs/${digest}`, {
      scope: pullOf(repository),
      bytesMax: CONFIG_BYTES_MAX,
    });
    if (answer.status !== 200) throw this.#refused(answer, name);
    const { bytes } = answer;
    if (bytes.length !== size) {
      throw invalid(`${name} has ${bytes.length} bytes, and is announced with ${size}.`);
    }
    digestOfBytes(bytes, digest, name);
    return bytes;
  }

  /** The bytes of a blob from `offset` on; which of them were sent is for the caller to see. */
  async openBlob(repository: string, digest: string, offset: number): Promise<OutboundStream> {
    const name = this.#name(repository, digest);
    const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const path = `/v2/${repository}/blobs/${digest}`;
    const answer = await this.#signedIn({ path, scope: pullOf(repository) }, (call) =>
      this.#http.stream({ ...call, headers }),
    );
    if (answer.status === 200 || answer.status === 206) return answer;
    await answer.discard();
    throw this.#refused({ ...answer, bytes: Buffer.alloc(0) }, name);
  }

  /**
   * What refers to a manifest (signatures, SBOMs), by the referrers API; undefined where the
   * registry does not have it.
   */
  async referrers(repository: string, digest: string): Promise<readonly Descriptor[] | undefined> {
    const first = `/v2/${repository}/referrers/${digest}`;
    const found: Descriptor[] = [];
    const what = `referrers of ${this.#name(repository, digest)}`;
    try {
      for await (const answer of this.#pages(first, pullOf(repository), what)) {
        const { document } = { document: parseManifest(answer.bytes, what, MEDIA_TYPES.ociIndex) };
        if (document.kind === 'index') found.push(...document.manifests);
      }
    } catch (error) {
      if (error instanceof Failure && error.kind === 'not-found') return undefined;
      throw error;
    }
    return found;
  }

  async *#pages(first: string, scope: string, what: string): AsyncGenerator<OutboundDocument> {
    let path: string | undefined = first;
    const seen = new Set<string>();
    while (path !== undefined) {
      if (seen.has(path) || seen.size >= PAGES_MAX) {
        throw tooMany(`${this.place.host} pages ${what} without end.`, { code: 'endless-pages' });
      }
      seen.add(path);
      const answer: OutboundDocument = await this.#document(path, {
        scope,
        bytesMax: PAGE_BYTES_MAX,
      });
      if (answer.status !== 200) throw this.#refused(answer, what);
      yield answer;
      const next = nextPageOf(answer.headers['link'], answer.url);
      path = next?.slice(new URL(next).origin.length);
    }
  }

  #document(
    path: string,
    call: Pick<OutboundCall, 'method' | 'headers'> & { scope: string; bytesMax: number },
  ): Promise<OutboundDocument> {
    const { scope, bytesMax, ...rest } = call;
    return this.#signedIn({ path, scope }, (signed) =>
      this.#http.document({ ...rest, ...signed }, bytesMax),
    );
  }

  /** Sends a call, signs in when asked to and sends it again, with one new token at most. */
  async #signedIn<T extends { status: number; headers: Readonly<Record<string, string>> }>(
    { path, scope }: { path: string; scope: string },
    send: (call: OutboundCall) => Promise<T & { discard?: () => Promise<void> }>,
  ): Promise<T> {
    const url = this.place.origin + path;
    const kept = this.#signIn.authorization(scope);
    const answer = await send({ url, ...(kept === undefined ? {} : { authorization: kept }) });
    if (answer.status !== 401) return answer;
    await answer.discard?.();
    const header = answer.headers['www-authenticate'] ?? '';
    const authorization = await this.#signIn.answer(header, scope, kept);
    const second = await send({ url, authorization });
    if (second.status !== 401) return second;
    await second.discard?.();
    await this.#signIn.answer(second.headers['www-authenticate'] ?? '', scope, authorization);
    return second;
  }

  #checked<T>(answer: OutboundDocument, shape: z.ZodType<T>): T {
    const parsed = shape.safeParse(parseBoundedJson(answer.bytes));
    if (parsed.success) return parsed.data;
    throw invalid(`${this.place.host} answered something that is not of the registry API.`);
  }

  #name(repository: string, reference: string): string {
    return `${this.place.host}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
  }

  #refused(answer: OutboundDocument, named: string): Failure {
    const { host } = this.place;
    const what = named.replace(`${host}/`, '');
    const said = saidBy(answer.bytes);
    if (answer.status === 404) return notFound(`${host} does not have ${what}${said}.`);
    if (answer.status === 401 || answer.status === 403) {
      return forbidden(`${host} does not let us read ${what}${said}.`, { code: 'not-allowed' });
    }
    if (answer.status === 429) {
      return tooMany(`${host} is called too often${said}.`, { code: 'busy' });
    }
    return unavailable(`${host} answers ${answer.status} for ${what}${said}.`);
  }
}

/** Scopes of the token specification: reading one repository, and nothing else. */
const pullOf = (repository: string): string => `repository:${repository}:pull`;

function digestOfBytes(bytes: Buffer, stated: string | undefined, name: string): string {
  const { algorithm } = stated === undefined ? { algorithm: 'sha256' } : parseDigest(stated);
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (stated !== undefined && stated !== digest) {
    throw invalid(`${name} has the digest ${digest}, and is announced as ${stated}.`, {
      code: 'wrong-digest',
    });
  }
  return digest;
}

/** The registry's own words, in brackets; they are foreign text, so only a plain line is kept. */
function saidBy(bytes: Buffer): string {
  if (bytes.length === 0 || bytes.length > ERROR_BYTES_MAX) return '';
  try {
    const first = Errors.safeParse(parseBoundedJson(bytes)).data?.errors[0];
    const words = (first?.message || first?.code || '').replaceAll(/[^\x20-\x7e]+/g, ' ').trim();
    return words === '' ? '' : ` (${words.slice(0, 200)})`;
  } catch {
    return '';
  }
}
