import type { FastifyInstance } from 'fastify';
import { registerEndpoints } from '../../platform/http/routes.ts';
import { uploadsEndpoints } from './uploads-contract.ts';
import * as service from './uploads-service.ts';

/** Routes of their own scope: only here is an octet stream handed on unread. */
export function registerUploads(server: FastifyInstance, context: service.UploadsContext): void {
  void server.register(async (scope) => {
    scope.addContentTypeParser('application/octet-stream', (_request, payload, done) => {
      done(null, payload);
    });
    registerEndpoints(scope, uploadsEndpoints, {
      uploadFile: ({ actor, query, request }) =>
        service.receiveUpload(context, actor, {
          ...query,
          body: request.body,
          length: request.headers['content-length'],
        }),
      listUploads: ({ actor, query }) => service.listUploads(context, actor, query),
      getUpload: ({ actor, params }) => service.getUpload(context, actor, params.id),
    });
  });
}
