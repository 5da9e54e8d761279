import { Failure, forbidden, unavailable } from '../../model/errors.ts';
import { LINK_LOCAL_CODE } from './address-rule.ts';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'that name does not resolve',
  EAI_AGAIN: 'names do not resolve right now',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it from here',
  ENETUNREACH: 'there is no way to it from here',
  ECONNRESET: 'it broke the connection',
  EPIPE: 'it broke the connection',
  UND_ERR_SOCKET: 'it broke the connection',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'it took too long to answer',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending in the middle of an answer',
  UND_ERR_HEADERS_OVERFLOW: 'it sent headers without end',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'it sent more or less than it announced',
  UND_ERR_ABORTED: 'the proxy did not open a way to it',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody known; give its CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by a CA nobody knows; give that CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by a CA nobody knows; give that CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by a CA nobody knows; give that CA',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS as expected; is it plain HTTP?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; is it plain HTTP?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; is it plain HTTP?',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it speaks no version of TLS known here',
};

const passing = new Set([
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

/** Errors of one broken connection, after which the same call may well succeed. */
export function isPassing(error: unknown): boolean {
  const cause = error instanceof Failure ? error.cause : error;
  return passing.has(codeOf(cause)) || (error instanceof Failure && error.code === 'cut-short');
}

/** What went wrong on the way to a host, as a sentence; an abort stays what it was. */
export function explainOutbound(host: string, cause: unknown, signal: AbortSignal): unknown {
  if (cause instanceof Failure) return cause;
  if (signal.aborted) return signal.reason ?? cause;
  const code = codeOf(cause);
  if (code === LINK_LOCAL_CODE) {
    return forbidden(`${host} resolves to a link-local address, which is never called.`, {
      code: 'link-local',
      cause,
    });
  }
  if ((cause as Error)?.name === 'TimeoutError') {
    return unavailable(`${host} took too long to answer.`, { code: 'timed-out', cause });
  }
  const reason = reasons[code];
  const said = reason ?? (code === '' ? 'the call failed' : code);
  return unavailable(`${host} cannot be read: ${said}.`, {
    code: 'unreachable',
    context: { code },
    cause,
  });
}

export function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code === 'string' && code !== '') return code;
  // Several addresses were tried: what the first said is as good as any.
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  return inner === undefined ? '' : codeOf(inner);
}
