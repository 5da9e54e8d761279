import type { FastifyInstance } from 'fastify';
import { registerEndpoints } from '../../platform/http/routes.ts';
import { connectionsEndpoints } from './connections-contract.ts';
import * as service from './connections-service.ts';

export function registerConnections(
  server: FastifyInstance,
  context: service.ConnectionsContext,
): void {
  registerEndpoints(server, connectionsEndpoints, {
    listConnectorKinds: async ({ actor }) => ({
      items: service.listConnectorKinds(context, actor),
    }),
    listConnections: ({ actor, query }) => service.listConnections(context, actor, query),
    getConnection: ({ actor, params }) => service.getConnection(context, actor, params.id),
    testConnection: ({ actor, body }) => service.testConnection(context, actor, body),
    createConnection: ({ actor, body }) => service.createConnection(context, actor, body),
    changeConnection: ({ actor, params, body }) =>
      service.changeConnection(context, actor, { id: params.id, ...body }),
    removeConnection: ({ actor, params }) => service.removeConnection(context, actor, params.id),
    startSync: ({ actor, params }) => service.startSync(context, actor, params.id),
    listSyncs: ({ actor, params, query }) =>
      service.listSyncs(context, actor, { id: params.id, ...query }),
    getSync: ({ actor, params }) => service.getSync(context, actor, params.id),
  });
}
