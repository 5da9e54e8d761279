import { z } from 'zod';
import { parseBoundedJson } from '../../formats/bounded-json.ts';
import { forbidden, invalid, unauthenticated } from '../../model/errors.ts';
import { matchesHost } from '../../platform/outbound/allowed-hosts.ts';
import type { OutboundClient } from '../../platform/outbound/outbound-client.ts';
import { parseChallenges } from './challenge.ts';
import type { RegistryPlace } from './registry-settings.ts';

export type Credentials = { readonly username: string; readonly password: string };

const TOKEN_BYTES_MAX = 256 * 1024;
const TOKENS_MAX = 10_000;
/** distribution token spec: a token without a term is good for 60 seconds. */
const TERM_SECONDS = 60;
const SPARE_MS = 10_000;

const TokenAnswer = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});

type Token = { readonly authorization: string; readonly untilMs: number };

/**
 * Signing in at a registry, by password or by token
 * (https://distribution.github.io/distribution/spec/auth/token/). The scope asked for is always
 * reading the one repository of the call, whatever a challenge names; the password goes to the
 * registry's own origin and to listed token hosts, and nowhere else.
 */
export class RegistrySignIn {
  readonly #http: OutboundClient;
  readonly #place: RegistryPlace;
  readonly #credentials: Credentials | undefined;
  readonly #nowMs: () => number;
  readonly #tokens = new Map<string, Token>();
  #byPassword = false;

  constructor(options: {
    http: OutboundClient;
    place: RegistryPlace;
    credentials: Credentials | undefined;
    nowMs: () => number;
  }) {
    this.#http = options.http;
    this.#place = options.place;
    this.#credentials = options.credentials;
    this.#nowMs = options.nowMs;
  }

  /** What to send along, as far as the registry has asked before. */
  authorization(scope: string): string | undefined {
    if (this.#byPassword) return this.#basic();
    const token = this.#tokens.get(scope);
    return token !== undefined && token.untilMs > this.#nowMs() ? token.authorization : undefined;
  }

  /** After a 401: what to send along from now on. Throws when there is nothing new to send. */
  async answer(header: string, scope: string, refused: string | undefined): Promise<string> {
    const { host } = this.#place;
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined) {
      if (refused?.startsWith('Bearer ')) throw this.#tooLittle(scope);
      return this.#fetchToken(bearer.parameters, scope);
    }
    if (!challenges.some(({ scheme }) => scheme === 'basic')) {
      throw invalid(`${host} asks to sign in in a way that is not known here.`);
    }
    const basic = this.#basic();
    if (basic === undefined) throw this.#refusal();
    if (refused === basic) throw this.#refusal();
    this.#byPassword = true;
    return basic;
  }

  async #fetchToken(parameters: Readonly<Record<string, string>>, scope: string): Promise<string> {
    const url = this.#realm(parameters['realm'] ?? '');
    if (parameters['service']) url.searchParams.set('service', parameters['service']);
    url.searchParams.set('scope', scope);
    const basic = this.#basic();
    const call = { url: url.href, ...(basic === undefined ? {} : { authorization: basic }) };
    const answer = await this.#http.document(call, TOKEN_BYTES_MAX);
    if (answer.status === 401 || answer.status === 403) throw this.#refusal();
    if (answer.status !== 200) {
      throw forbidden(`${url.host} answers ${answer.status} when asked for a token.`);
    }
    const parsed = TokenAnswer.safeParse(parseBoundedJson(answer.bytes));
    const token = parsed.data?.token || parsed.data?.access_token || '';
    if (!/^[\x21-\x7e]+$/.test(token)) throw invalid(`${url.host} sent no token.`);
    const termMs = Math.min(parsed.data?.expires_in ?? TERM_SECONDS, 3600) * 1000;
    const untilMs = this.#nowMs() + Math.max(termMs - SPARE_MS, SPARE_MS);
    const authorization = `Bearer ${token}`;
    if (this.#tokens.size >= TOKENS_MAX) this.#tokens.clear();
    this.#tokens.set(scope, { authorization, untilMs });
    return authorization;
  }

  /** The remote names who gives tokens, and the password goes there: so it has to be listed. */
  #realm(written: string): URL {
    const { host, origin, tokenHosts } = this.#place;
    if (!URL.canParse(written)) throw invalid(`${host} does not say where it gives tokens.`);
    const url = new URL(written);
    const isListed = url.origin === origin || tokenHosts.some((one) => matchesHost(url, one));
    if (isListed) return url;
    throw forbidden(
      `${host} sends to ${url.origin} for a token, which is not configured. If that host belongs ` +
        'to the registry, add it to its token hosts.',
      { code: 'token-host-not-configured' },
    );
  }

  #basic(): string | undefined {
    if (this.#credentials === undefined) return undefined;
    const { username, password } = this.#credentials;
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  /** A token was given and does not reach: the user is known, and may not. */
  #tooLittle(scope: string): Error {
    const { host } = this.#place;
    const who = this.#credentials === undefined ? 'anyone without a user name' : 'this user';
    const [kind, name = ''] = scope.split(':');
    const what = kind === 'repository' ? name : 'its list of repositories';
    return forbidden(`${host} does not let ${who} read ${what}.`, { code: 'not-allowed' });
  }

  #refusal(): Error {
    const { host } = this.#place;
    return this.#credentials === undefined
      ? unauthenticated(`${host} asks for a user name and password.`, { code: 'sign-in-needed' })
      : unauthenticated(`${host} refuses this user name and password.`, {
          code: 'sign-in-refused',
        });
  }
}
