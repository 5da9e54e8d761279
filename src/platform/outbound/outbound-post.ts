import { request } from 'undici';
import { assertMayCall } from './address-rule.ts';
import { createDispatcher } from './outbound-dispatcher.ts';
import { explainOutbound } from './outbound-failure.ts';

export type OutboundPost = {
  /**
   * Posts to an address that an owner named and answers the status, whatever it is. Redirects are
   * answers like any other; link-local addresses are never called; the answer's body is not read.
   * Throws a Failure that says why there was no answer.
   */
  readonly post: (
    url: string,
    message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  ) => Promise<number>;
  readonly close: () => Promise<void>;
};

const CALL_MS_MAX = 15_000;
const CONNECTIONS = 8;

export function createOutboundPost(): OutboundPost {
  const dispatcher = createDispatcher({
    connections: CONNECTIONS,
    headersMs: CALL_MS_MAX,
    stallMs: CALL_MS_MAX,
    environment: process.env,
  });
  return {
    post: async (url, { headers, body }) => {
      assertMayCall(new URL(url));
      const signal = AbortSignal.timeout(CALL_MS_MAX);
      try {
        const answer = await request(url, { method: 'POST', headers, body, dispatcher, signal });
        // What it says is of no interest, and may have no end.
        answer.body.on('error', () => {}).destroy();
        return answer.statusCode;
      } catch (cause) {
        // Nobody else aborts the call, so its end by time is a failure like any other.
        throw explainOutbound(new URL(url).host, cause, new AbortController().signal);
      }
    },
    close: () => dispatcher.close(),
  };
}
