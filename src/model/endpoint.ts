import type { z } from 'zod';
import type { Action } from './roles.ts';

/**
 * One operation of the REST API as data: the server registers it, the client calls it, OpenAPI is
 * written from it, and the role test drives it. `path` uses `:name` for parameters.
 */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  /** One sentence for the API document. */
  readonly summary: string;
  /**
   * What a caller must be allowed to do; the service method checks it. `public` needs no sign-in.
   */
  readonly action: Action | 'public' | 'signed-in';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Absent for a stream or an empty answer (204). */
  readonly response?: z.ZodType;
  /** Success status; 200, or 204 without a response, when absent. */
  readonly status?: 200 | 201 | 202 | 204;
  /** What a streamed answer is, for the document: `application/octet-stream`. */
  readonly streams?: string;
};

/** Keeps the exact type of an endpoint literal while checking its shape. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

type Parsed<S, Fallback> = S extends z.ZodType ? z.output<S> : Fallback;
type Given<S, Fallback> = S extends z.ZodType ? z.input<S> : Fallback;
type Part<E, K extends string> = E extends Readonly<Record<K, infer S>> ? S : undefined;

/** What a handler receives, parsed. */
export type EndpointInput<E extends Endpoint> = {
  readonly params: Parsed<Part<E, 'params'>, Record<string, never>>;
  readonly query: Parsed<Part<E, 'query'>, Record<string, never>>;
  readonly body: Parsed<Part<E, 'body'>, undefined>;
};

/** What a caller sends: a part is required only where the endpoint has one. */
export type EndpointCall<E extends Endpoint> = (Part<E, 'params'> extends z.ZodType
  ? { readonly params: Given<Part<E, 'params'>, never> }
  : object) &
  (Part<E, 'query'> extends z.ZodType
    ? { readonly query?: Given<Part<E, 'query'>, never> }
    : object) &
  (Part<E, 'body'> extends z.ZodType ? { readonly body: Given<Part<E, 'body'>, never> } : object);

export type EndpointResult<E extends Endpoint> = Parsed<Part<E, 'response'>, void>;
