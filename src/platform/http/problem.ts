import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorKind, Failure } from '../../model/errors.ts';
import { errorFields, type Log } from '../log.ts';

/** Problem details as RFC 9457 has them, with our stable `code`. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
};

const statusByKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many': 429,
  unavailable: 503,
};

const titleByStatus: Readonly<Record<number, string>> = {
  400: 'Not valid',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'In conflict',
  413: 'Too large',
  415: 'Not a supported media type',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available',
};

/** Only the categories of model/errors.ts reach a client; everything else is "internal". */
export function problemOf(error: unknown): Problem {
  if (error instanceof Failure) {
    return problem(statusByKind[error.kind], error.message, error.code);
  }
  const known = error as Partial<FastifyError>;
  if (known.validation !== undefined) {
    return problem(400, validationSentence(known), 'invalid');
  }
  // Fastify's own refusals (body too large, bad JSON, rate limit) say nothing of our inside.
  const status = known.statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    return problem(status, known.message ?? 'The request was refused.', known.code ?? 'refused');
  }
  return problem(
    500,
    'Something inside Wharfinger went wrong. It is in the server log; nothing was half done.',
    'internal',
  );
}

function problem(status: number, detail: string, code: string): Problem {
  const title = titleByStatus[status] ?? 'Refused';
  return { type: 'about:blank', title, status, detail, code: code.toLowerCase() };
}

function validationSentence(error: Partial<FastifyError>): string {
  const first = error.validation?.[0];
  const place = `${error.validationContext ?? 'request'}${first?.instancePath ?? ''}`;
  return `${place.replaceAll('/', '.')}: ${first?.message ?? 'not valid'}.`;
}

/** The error handler: the public sentence to the client, the inside to the log. */
export function problemSender(log: Log) {
  return function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const answer = problemOf(error);
    if (answer.status >= 500) {
      const route = request.routeOptions.url ?? 'unknown';
      log.error('A request failed.', { route, method: request.method, ...errorFields(error) });
    }
    void reply
      .code(answer.status)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(answer));
  };
}
