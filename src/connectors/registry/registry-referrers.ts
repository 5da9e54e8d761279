import type { Descriptor } from '../../formats/oci.ts';
import type { RegistryClient } from './registry-client.ts';

const REFERRERS_MAX = 1000;

/**
 * What refers to a manifest: signatures, SBOMs, attestations. By the referrers API, or where the
 * registry does not have it by the tag that stands for it (distribution-spec "Listing Referrers").
 */
export class Referrers {
  readonly #client: RegistryClient;
  #hasApi = true;

  constructor(client: RegistryClient) {
    this.#client = client;
  }

  async of(
    repository: string,
    subjects: readonly string[],
    referrerTags: ReadonlySet<string>,
  ): Promise<readonly Descriptor[]> {
    const found = new Map<string, Descriptor>();
    for (const subject of subjects) {
      const listed =
        (await this.#byApi(repository, subject)) ??
        (await this.#byTag(repository, subject, referrerTags));
      for (const referrer of listed) found.set(referrer.digest, referrer);
    }
    return [...found.values()].slice(0, REFERRERS_MAX);
  }

  /** A registry with the API answers 200 with an empty index: 404 means that it lacks the API. */
  async #byApi(repository: string, subject: string): Promise<readonly Descriptor[] | undefined> {
    if (!this.#hasApi) return undefined;
    const listed = await this.#client.referrers(repository, subject);
    this.#hasApi = listed !== undefined;
    return listed;
  }

  async #byTag(
    repository: string,
    subject: string,
    referrerTags: ReadonlySet<string>,
  ): Promise<readonly Descriptor[]> {
    const tag = subject.replace(':', '-');
    if (!referrerTags.has(tag)) return [];
    const { document } = await this.#client.manifest(repository, tag);
    return document.kind === 'index' ? document.manifests : [];
  }
}
