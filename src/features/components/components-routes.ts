import type { FastifyInstance } from 'fastify';
import { registerEndpoints } from '../../platform/http/routes.ts';
import { componentsEndpoints } from './components-contract.ts';
import * as service from './components-service.ts';

export function registerComponents(
  server: FastifyInstance,
  context: service.ComponentsContext,
): void {
  registerEndpoints(server, componentsEndpoints, {
    searchComponents: ({ actor, query }) => service.searchComponents(context, actor, query),
    getComponent: ({ actor, params }) => service.getComponent(context, actor, params.id),
    listComponentImages: ({ actor, params, query }) =>
      service.listComponentImages(context, actor, { id: params.id, ...query }),
    listComponentContainers: ({ actor, params, query }) =>
      service.listComponentContainers(context, actor, { id: params.id, ...query }),
  });
}
