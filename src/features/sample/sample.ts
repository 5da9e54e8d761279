import type { FastifyInstance } from 'fastify';
import { registerEndpoints } from '../../platform/http/routes.ts';
import { sampleEndpoints } from './sample-contract.ts';
import * as service from './sample-service.ts';

/** The door of the sample estate: a recorded one that can be loaded, looked at and removed. */
export type SampleEstate = {
  readonly registerRoutes: (server: FastifyInstance) => void;
  /** As `serve --sample` asks: loads it unless it is here. */
  readonly load: () => Promise<void>;
};

export function createSample(context: service.SampleContext): SampleEstate {
  return {
    registerRoutes: (server) =>
      registerEndpoints(server, sampleEndpoints, {
        getSample: ({ actor }) => service.getSample(context, actor),
        loadSample: ({ actor }) => service.loadSample(context, actor),
        removeSample: ({ actor }) => service.removeSample(context, actor),
      }),
    load: async () => {
      await service.loadSample(context, { kind: 'system', name: 'start' });
    },
  };
}
