import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint, EndpointInput, EndpointResult } from '../../model/endpoint.ts';
import { invalid } from '../../model/errors.ts';
import type { Actor } from '../../model/roles.ts';
import { canBeStored } from '../../model/storable-text.ts';

/** What a handler gets: parsed input, who asks, and for streams and cookies the raw pair. */
export type HandlerInput<E extends Endpoint> = EndpointInput<E> & {
  readonly actor: Actor;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

export type Handlers<T extends Readonly<Record<string, Endpoint>>> = {
  readonly [K in keyof T]: (input: HandlerInput<T[K]>) => Promise<EndpointResult<T[K]>>;
};

/**
 * Registers a slice's endpoints. Handlers stay one line long: they hand the parsed input to the
 * service, which authorizes first. A handler of a `streams` endpoint sends through `reply` itself.
 */
export function registerEndpoints<T extends Readonly<Record<string, Endpoint>>>(
  server: FastifyInstance,
  endpoints: T,
  handlers: Handlers<T>,
): void {
  for (const name of Object.keys(endpoints)) {
    const endpoint = endpoints[name] as Endpoint;
    const handler = handlers[name] as unknown as (input: unknown) => Promise<unknown>;
    server.route({
      method: endpoint.method,
      url: endpoint.path,
      schema: schemaOf(name, endpoint),
      preValidation: refuseUnstorable,
      ...(endpoint.action === 'public' && endpoint.method !== 'GET'
        ? { config: { rateLimit: { max: 20, timeWindow: '1 minute' } } }
        : {}),
      handler: async (request, reply) => {
        const result = await handler({
          params: request.params,
          query: request.query,
          body: request.body,
          actor: request.actor,
          request,
          reply,
        });
        if (endpoint.streams !== undefined) return reply;
        if (endpoint.response === undefined) return reply.code(endpoint.status ?? 204).send();
        return reply.code(endpoint.status ?? 200).send(result);
      },
    });
  }
}

/** Before any schema, so that no field has to think of it. */
async function refuseUnstorable(request: FastifyRequest): Promise<void> {
  const { params, query, body } = request;
  // The bytes of a file are no text of a field.
  const fields = body instanceof Readable ? undefined : body;
  if (canBeStored(params) && canBeStored(query) && canBeStored(fields)) return;
  throw invalid('Text may hold neither NUL characters nor half of a character.');
}

function schemaOf(name: string, endpoint: Endpoint): Record<string, unknown> {
  const tag = endpoint.path.split('/')[3] ?? 'api';
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [tag],
    ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
    ...(endpoint.query === undefined ? {} : { querystring: endpoint.query }),
    ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
    ...(endpoint.response === undefined
      ? {}
      : { response: { [endpoint.status ?? 200]: endpoint.response } }),
  };
}
