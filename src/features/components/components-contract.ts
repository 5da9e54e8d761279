import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';
import { pageOf, pageQuery } from '../../model/page.ts';

export const ComponentRow = z.object({
  id: z.string(),
  purl: z.string(),
  type: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  version: z.string(),
  images: z.number().int(),
  runningContainers: z.number().int(),
  firstSeenAt: z.iso.datetime(),
});
export type ComponentRow = z.output<typeof ComponentRow>;

export const ComponentUse = z.object({
  imageId: z.string(),
  imageName: z.string(),
  digest: z.string(),
  runningContainers: z.number().int(),
  /** The first of the paths that prove it. */
  path: z.string().optional(),
});

export const ComponentContainer = z.object({
  id: z.string(),
  name: z.string(),
  host: z.string(),
  state: z.string(),
  imageId: z.string(),
  imageName: z.string(),
  owner: z.string().optional(),
});

export type ComponentContainer = z.output<typeof ComponentContainer>;

const byId = z.object({ id: z.string().max(100) });

export const componentsEndpoints = {
  searchComponents: endpoint({
    method: 'GET',
    path: '/api/v1/components',
    summary: 'Find a component across the whole estate by name, version range or package URL.',
    action: 'component.read',
    query: z.object({
      ...pageQuery,
      /** Part of a name, or a package URL. */
      q: z.string().max(500).optional(),
      type: z.string().max(50).optional(),
      /** `<1.2.3`, `>=1.0 <2`, or an exact version; in the order of the component's ecosystem. */
      version: z.string().max(200).optional(),
      running: z.stringbool().optional(),
    }),
    response: pageOf(ComponentRow).extend({
      types: z.array(z.object({ type: z.string(), count: z.number().int() })).optional(),
    }),
  }),
  getComponent: endpoint({
    method: 'GET',
    path: '/api/v1/components/:id',
    summary: 'One component at one version, and its other versions in the estate.',
    action: 'component.read',
    params: byId,
    response: ComponentRow.extend({
      licences: z.array(z.string()),
      source: z.object({ name: z.string(), version: z.string() }).optional(),
      otherVersions: z.array(ComponentRow),
    }),
  }),
  listComponentImages: endpoint({
    method: 'GET',
    path: '/api/v1/components/:id/images',
    summary: 'Images that hold this component.',
    action: 'component.read',
    params: byId,
    query: z.object(pageQuery),
    response: pageOf(ComponentUse),
  }),
  listComponentContainers: endpoint({
    method: 'GET',
    path: '/api/v1/components/:id/containers',
    summary: 'Running containers that hold this component.',
    action: 'component.read',
    params: byId,
    query: z.object(pageQuery),
    response: pageOf(ComponentContainer),
  }),
};
