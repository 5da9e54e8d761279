import { componentsEndpoints } from '../features/components/components-contract.ts';
import { connectionsEndpoints } from '../features/connections/connections-contract.ts';
import { evidenceEndpoints } from '../features/evidence/evidence-contract.ts';
import { inventoryEndpoints } from '../features/inventory/inventory-contract.ts';
import { notificationsEndpoints } from '../features/notifications/notifications-contract.ts';
import { ownershipEndpoints } from '../features/ownership/ownership-contract.ts';
import { sampleEndpoints } from '../features/sample/sample-contract.ts';
import { signInEndpoints } from '../features/sign-in/sign-in-contract.ts';
import { uploadsEndpoints } from '../features/uploads/uploads-contract.ts';
import { type Endpoint, endpoint } from '../model/endpoint.ts';

/** What the server says about itself, to anyone. */
export const serverEndpoints = {
  getHealth: endpoint({
    method: 'GET',
    path: '/api/v1/health',
    summary: 'Whether the server is ready: 200, or 503 with the reasons why not.',
    action: 'public',
    streams: 'application/json',
  }),
  getOpenApi: endpoint({
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'This document.',
    action: 'public',
    streams: 'application/json',
  }),
};

/**
 * Every endpoint of the API, by name. The OpenAPI document and the table of roles are made from
 * this list, and a test fails for a route of the server that is not in it.
 */
export const allEndpoints = {
  ...serverEndpoints,
  ...signInEndpoints,
  ...uploadsEndpoints,
  ...sampleEndpoints,
  ...connectionsEndpoints,
  ...inventoryEndpoints,
  ...componentsEndpoints,
  ...ownershipEndpoints,
  ...notificationsEndpoints,
  ...evidenceEndpoints,
} as const satisfies Readonly<Record<string, Endpoint>>;

export type EndpointName = keyof typeof allEndpoints;
