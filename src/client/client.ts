import type { Endpoint, EndpointCall, EndpointResult } from '../model/endpoint.ts';
import { type ErrorKind, Failure } from '../model/errors.ts';

/** How to reach a server: the console's own origin with its cookie, or an address and a token. */
export type ClientOptions = {
  /** `https://wharfinger.example`; empty for the page's own origin. */
  readonly server?: string;
  readonly token?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds until a call is given up. */
  readonly timeoutMs?: number;
};

export type Client = <E extends Endpoint>(
  endpoint: E,
  call?: EndpointCall<E>,
) => Promise<EndpointResult<E>>;

type AnyCall = {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
};

/**
 * The typed API client. Answers are trusted to be of their contract's shape: the server's own tests
 * check that. A problem answer (RFC 9457) becomes a Failure with the server's sentence.
 */
export function createClient(options: ClientOptions = {}): Client {
  const send = options.fetch ?? globalThis.fetch;
  return async (endpoint, call) => {
    const given = (call ?? {}) as AnyCall;
    const url = (options.server ?? '') + pathOf(endpoint, given);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
    if (given.body !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    try {
      response = await send(url, {
        method: endpoint.method,
        headers,
        ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
        signal: AbortSignal.timeout(options.timeoutMs ?? 60_000),
      });
    } catch (cause) {
      throw new Failure('unavailable', 'Wharfinger did not answer. Nothing was changed.', {
        code: 'no-answer',
        cause,
      });
    }
    if (!response.ok) throw await failureOf(response);
    if (response.status === 204) return undefined as EndpointResult<typeof endpoint>;
    return (await response.json()) as EndpointResult<typeof endpoint>;
  };
}

/** The address of a call below its server: also what a link or an export button uses. */
export function pathOf(endpoint: Endpoint, call: AnyCall): string {
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(call.params?.[name] ?? '')),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

const kindByStatus: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-large',
  429: 'too-many',
  503: 'unavailable',
};

async function failureOf(response: Response): Promise<Failure> {
  const kind = kindByStatus[response.status] ?? 'unavailable';
  try {
    const problem = (await response.json()) as { detail?: unknown; code?: unknown };
    return new Failure(kind, String(problem.detail ?? response.statusText), {
      code: typeof problem.code === 'string' ? problem.code : kind,
    });
  } catch {
    return new Failure(kind, `The server answered ${response.status}.`);
  }
}
