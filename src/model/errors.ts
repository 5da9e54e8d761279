/**
 * The few ways a thing can fail, told apart by what the caller does next. `message` is a public
 * sentence a person can act on; `context` is for the log and never leaves the server.
 */
export type ErrorKind =
  | 'invalid'
  | 'not-found'
  | 'conflict'
  | 'forbidden'
  | 'unauthenticated'
  | 'unavailable'
  | 'too-large'
  | 'too-many';

type Options = {
  /** Stable, kebab-case, for programs: `port-taken`. */
  readonly code?: string;
  /** Ids and numbers for the log. Never a secret, never personal data. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
};

export class Failure extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, message: string, options: Options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.code = options.code ?? kind;
    this.context = options.context ?? {};
  }
}

export const invalid = (message: string, options?: Options): Failure =>
  new Failure('invalid', message, options);
export const notFound = (message: string, options?: Options): Failure =>
  new Failure('not-found', message, options);
export const conflict = (message: string, options?: Options): Failure =>
  new Failure('conflict', message, options);
export const forbidden = (message: string, options?: Options): Failure =>
  new Failure('forbidden', message, options);
export const unauthenticated = (message: string, options?: Options): Failure =>
  new Failure('unauthenticated', message, options);
export const unavailable = (message: string, options?: Options): Failure =>
  new Failure('unavailable', message, options);
export const tooLarge = (message: string, options?: Options): Failure =>
  new Failure('too-large', message, options);
export const tooMany = (message: string, options?: Options): Failure =>
  new Failure('too-many', message, options);

/** What any thrown value says to a person: a Failure's sentence, else a neutral one. */
export function publicMessage(error: unknown): string {
  return error instanceof Failure ? error.message : 'Something inside Wharfinger went wrong.';
}
