import type { Dispatcher } from 'undici';
import { tooMany } from '../../model/errors.ts';
import { type AllowedHosts, parseAllowedUrl } from './allowed-hosts.ts';
import { HostPace, realTiming, type Timing } from './host-pace.ts';
import { notTrickling, readBounded } from './outbound-body.ts';
import { createDispatcher } from './outbound-dispatcher.ts';
import { explainOutbound, isPassing } from './outbound-failure.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * The door for reading configured systems over HTTP. Calls go to the operator's origin and to
 * listed hosts; a redirect to any other address is refused. `authorization` goes to the origin it
 * was given for and never along a redirect to another. Errors are Failures with a sentence.
 */
export type OutboundClient = {
  /** A whole answer. Passing errors, 429 and 503 are tried again, as long as the host asks. */
  readonly document: (call: OutboundCall, bytesMax: number) => Promise<OutboundDocument>;
  /** An answer whose body is read as it comes, or discarded. Broken bodies are the caller's. */
  readonly stream: (call: OutboundCall) => Promise<OutboundStream>;
  readonly close: () => Promise<void>;
};

export type OutboundCall = {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly authorization?: string;
};

type Answered = {
  readonly status: number;
  /** Names in lower case; several of one name joined by a comma (RFC 9110 section 5.3). */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after redirects. */
  readonly url: string;
};
export type OutboundDocument = Answered & { readonly bytes: Buffer };
export type OutboundStream = Answered & {
  readonly chunks: () => AsyncIterable<Uint8Array>;
  readonly discard: () => Promise<void>;
};

export type OutboundLimits = {
  /** Until the headers of an answer are there. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly stallMs: number;
  /** For a whole document. */
  readonly documentMs: number;
  readonly attemptsMax: number;
  /** A host that asks for a longer silence is not waited for. */
  readonly retryAfterMsMax: number;
  readonly connections: number;
};

export type OutboundOptions = AllowedHosts & {
  readonly signal: AbortSignal;
  readonly ca?: string;
  readonly limits?: Partial<OutboundLimits>;
  readonly timing?: Timing;
  readonly pace?: HostPace;
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

const LIMITS: OutboundLimits = {
  headersMs: 15_000,
  stallMs: 15_000,
  documentMs: 45_000,
  attemptsMax: 4,
  retryAfterMsMax: 60_000,
  connections: 8,
};
const TRICKLE = { windowMs: 30_000, bytesMin: 32 * 1024 };
const REDIRECTS_MAX = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** What an answer that nobody wants may still send before the connection is given up. */
const DISCARDED_BYTES_MAX = 64 * 1024;
const BACK_OFF_MS = 500;

/** One pace for the whole process, because the bound is on what a host gets from it. */
const sharedPace = new HostPace();

export function createOutboundClient(options: OutboundOptions): OutboundClient {
  const limits = { ...LIMITS, ...options.limits };
  const environment = options.environment ?? process.env;
  const ca = options.ca === undefined ? {} : { ca: options.ca };
  const dispatcher = createDispatcher({ ...limits, ...ca, environment });
  const door: Door = {
    dispatcher,
    limits,
    allowed: { origin: options.origin, others: options.others },
    pace: options.pace ?? sharedPace,
    timing: options.timing ?? realTiming,
    signal: options.signal,
  };
  return {
    document: async (call, bytesMax) =>
      patiently(door, async (attempt) => {
        const answer = await follow(door, call, { ...attempt, withinMs: limits.documentMs });
        const { host } = new URL(answer.url);
        try {
          const { status, headers, url } = answer;
          return { status, headers, url, bytes: await readBounded(answer.body, host, bytesMax) };
        } catch (error) {
          throw explainOutbound(host, error, options.signal);
        }
      }),
    stream: async (call) =>
      patiently(door, async (attempt) => {
        const { body, ...answer } = await follow(door, call, attempt);
        return {
          ...answer,
          chunks: () => explained(body, answer.url, door),
          discard: () => body.dump({ limit: DISCARDED_BYTES_MAX }),
        };
      }),
    close: () => dispatcher.destroy(),
  };
}

type Door = {
  readonly dispatcher: Dispatcher;
  readonly limits: OutboundLimits;
  readonly allowed: AllowedHosts;
  readonly pace: HostPace;
  readonly timing: Timing;
  readonly signal: AbortSignal;
};
type Attempt = { readonly isLast: boolean; readonly withinMs?: number };
type Received = Answered & { readonly body: Dispatcher.ResponseData['body'] };

/** Thrown inside only: the host is busy, and may be asked again after `waitMs`. */
class Busy extends Error {
  readonly waitMs: number | undefined;

  constructor(waitMs: number | undefined) {
    super('The host is busy.');
    this.waitMs = waitMs;
  }
}

async function patiently<T>(door: Door, work: (attempt: Attempt) => Promise<T>): Promise<T> {
  const { signal } = door;
  const { attemptsMax } = door.limits;
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt >= attemptsMax;
    try {
      return await work({ isLast });
    } catch (error) {
      const isBusy = error instanceof Busy;
      if (!isBusy && (isLast || signal.aborted || !isPassing(error))) throw error;
      const backOffMs = BACK_OFF_MS * 2 ** (attempt - 1);
      await door.timing.sleep((isBusy ? error.waitMs : undefined) ?? backOffMs, signal);
    }
  }
}

/** Sends a call and follows its redirects; a busy host ends it, unless this is the last try. */
async function follow(door: Door, call: OutboundCall, attempt: Attempt): Promise<Received> {
  let url = parseAllowedUrl(call.url, call.url, door.allowed);
  const { origin } = url;
  let signal: AbortSignal | undefined;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    await door.pace.take(url.host, door.signal);
    // The clock runs from the first call on: waiting for one's turn is nobody's stall.
    signal ??= signalWithin(door, attempt.withinMs);
    const answer = await send(door, url, { ...call, signal, isHome: url.origin === origin });
    if (BUSY.has(answer.status)) await throwIfBusy(door, answer, attempt);
    const location = REDIRECTS.has(answer.status) ? answer.headers['location'] : undefined;
    if (location === undefined) return answer;
    await answer.body.dump({ limit: DISCARDED_BYTES_MAX });
    url = parseAllowedUrl(location, url.href, door.allowed);
  }
  throw tooMany(`${new URL(call.url).host} redirects without end.`, { code: 'too-many-redirects' });
}

function signalWithin({ signal }: Door, withinMs: number | undefined): AbortSignal {
  if (withinMs === undefined) return signal;
  return AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
}

type Sending = OutboundCall & { readonly signal: AbortSignal; readonly isHome: boolean };

async function send(door: Door, url: URL, sending: Sending): Promise<Received> {
  const { method = 'GET', authorization, signal, isHome } = sending;
  const headers: Record<string, string> = { 'user-agent': 'wharfinger', ...sending.headers };
  // A password or token is for whom it was given, and a redirect is not.
  if (authorization !== undefined && isHome) headers['authorization'] = authorization;
  try {
    const answer = await door.dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      signal,
    });
    const joined = Object.entries(answer.headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]);
    // A body that breaks while nobody reads it must not end the process.
    answer.body.on('error', () => {});
    const status = answer.statusCode;
    return { status, headers: Object.fromEntries(joined), url: url.href, body: answer.body };
  } catch (error) {
    throw explainOutbound(url.host, error, door.signal);
  }
}

async function throwIfBusy(door: Door, answer: Received, { isLast }: Attempt): Promise<void> {
  const { host } = new URL(answer.url);
  const asked = retryAfterMs(answer.headers['retry-after'], Date.now());
  if (asked !== undefined && asked > door.limits.retryAfterMsMax) {
    await answer.body.dump({ limit: DISCARDED_BYTES_MAX });
    const minutes = Math.ceil(asked / 60_000);
    throw tooMany(`${host} asks to be left alone for ${minutes} minutes.`, { code: 'busy' });
  }
  if (isLast) return;
  await answer.body.dump({ limit: DISCARDED_BYTES_MAX });
  if (asked !== undefined) door.pace.pause(host, asked);
  throw new Busy(asked);
}

async function* explained(
  body: AsyncIterable<Uint8Array>,
  url: string,
  door: Door,
): AsyncGenerator<Uint8Array> {
  const { host } = new URL(url);
  try {
    yield* notTrickling(body, host, { limits: TRICKLE, timing: door.timing });
  } catch (error) {
    throw explainOutbound(host, error, door.signal);
  }
}
