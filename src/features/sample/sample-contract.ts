import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';

/** Whether the sample estate is here, and what it holds. */
export const Sample = z.object({
  loaded: z.boolean(),
  loadedAt: z.iso.datetime().optional(),
  connections: z.number().int(),
  hosts: z.number().int(),
  containers: z.number().int(),
  images: z.number().int(),
});
export type Sample = z.output<typeof Sample>;

export const sampleEndpoints = {
  getSample: endpoint({
    method: 'GET',
    path: '/api/v1/sample',
    summary: 'Whether the sample estate is loaded.',
    action: 'inventory.read',
    response: Sample,
  }),
  loadSample: endpoint({
    method: 'POST',
    path: '/api/v1/sample',
    summary: 'Load a recorded sample estate, marked as sample everywhere. Twice is once.',
    action: 'sample.manage',
    response: Sample,
    status: 201,
  }),
  removeSample: endpoint({
    method: 'DELETE',
    path: '/api/v1/sample',
    summary: 'Remove everything of the sample estate, and nothing else.',
    action: 'sample.manage',
    response: Sample,
  }),
};
