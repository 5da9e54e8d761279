import type { FastifyInstance } from 'fastify';
import { registerEndpoints } from '../../platform/http/routes.ts';
import * as images from './image-service.ts';
import { inventoryEndpoints } from './inventory-contract.ts';
import * as service from './inventory-service.ts';
import { getOverview } from './overview-service.ts';

export function registerInventory(
  server: FastifyInstance,
  context: service.InventoryContext,
): void {
  registerEndpoints(server, inventoryEndpoints, {
    getOverview: ({ actor }) => getOverview(context, actor),
    listContainers: ({ actor, query }) => service.listContainers(context, actor, query),
    getContainer: ({ actor, params }) => service.getContainer(context, actor, params.id),
    listContainerEvents: ({ actor, params, query }) =>
      service.listContainerEvents(context, actor, { id: params.id, ...query }),
    listContainerHistory: ({ actor, params }) =>
      service.listContainerHistory(context, actor, params.id),
    listImages: ({ actor, query }) => images.listImages(context, actor, query),
    getImage: ({ actor, params }) => images.getImage(context, actor, params.id),
    listImageComponents: ({ actor, params, query }) =>
      images.listImageComponents(context, actor, { id: params.id, ...query }),
    compareImages: ({ actor, params, query }) =>
      images.compareImages(context, actor, { id: params.id, ...query }),
    getImageSbom: async ({ actor, params, query, reply }) => {
      const sbom = await images.readImageSbom(context, actor, { id: params.id, ...query });
      void reply
        .type('application/json')
        .header('content-disposition', `attachment; filename="${sbom.fileName}"`)
        .serializer((text: string) => text)
        .send(sbom.json);
    },
    catalogueImage: ({ actor, params }) => images.catalogueImageAgain(context, actor, params.id),
    listHosts: ({ actor, query }) => service.listHosts(context, actor, query),
    search: ({ actor, query }) => service.search(context, actor, query),
  });
}
