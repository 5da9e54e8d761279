import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';
import { pageOf, pageQuery } from '../../model/page.ts';

/** What a form for one kind of connection asks. The connector's own schema checks the answers. */
export const ConnectorField = z.object({
  name: z.string(),
  label: z.string(),
  help: z.string().optional(),
  kind: z.enum(['text', 'secret', 'multiline', 'secret-multiline', 'boolean', 'list', 'number']),
  required: z.boolean(),
  placeholder: z.string().optional(),
  initial: z.union([z.string(), z.boolean(), z.number()]).optional(),
});

export const ConnectorKind = z.object({
  kind: z.string(),
  title: z.string(),
  /** One sentence: what it reads. */
  reads: z.string(),
  /** The least rights it needs at the external system, one a line. */
  leastRights: z.array(z.string()),
  fields: z.array(ConnectorField),
});
export type ConnectorKind = z.output<typeof ConnectorKind>;

export const Problem = z.object({
  /** What could not be read: a path, a repository, an endpoint. */
  subject: z.string(),
  message: z.string(),
});

/** A sync run: what it read, what failed, what it changed. */
export const SyncRun = z.object({
  id: z.string(),
  connectionId: z.string(),
  number: z.number().int(),
  state: z.enum(['running', 'good', 'partial', 'failed']),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  /** Progress by part: `containers 412 of 1,000`. */
  parts: z.array(
    z.object({
      name: z.string(),
      done: z.number().int(),
      total: z.number().int().optional(),
      state: z.enum(['waiting', 'running', 'good', 'partial', 'failed']),
    }),
  ),
  problems: z.array(Problem),
  changes: z.object({
    appeared: z.number().int(),
    changed: z.number().int(),
    gone: z.number().int(),
  }),
  evidenceId: z.string().optional(),
});
export type SyncRun = z.output<typeof SyncRun>;

export const Connection = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  /** Where it points, without secrets: `unix:///var/run/docker.sock`. */
  address: z.string(),
  state: z.enum(['new', 'reading', 'fresh', 'partial', 'stopped', 'paused']),
  /** Why it stopped or what it could not read, as a sentence. */
  stateReason: z.string().optional(),
  lastGoodSyncAt: z.iso.datetime().optional(),
  lastSync: SyncRun.optional(),
  /** Follows the system's own events, so changes show within seconds. */
  follows: z.boolean(),
  everySeconds: z.number().int(),
  sample: z.boolean(),
  createdAt: z.iso.datetime(),
  counts: z.object({
    hosts: z.number().int(),
    containersRunning: z.number().int(),
    images: z.number().int(),
    repositories: z.number().int(),
  }),
});
export type Connection = z.output<typeof Connection>;

const byId = z.object({ id: z.string().max(100) });
const settings = z.record(z.string().max(100), z.unknown());
const name = z.string().trim().min(1).max(200);

export const connectionsEndpoints = {
  listConnectorKinds: endpoint({
    method: 'GET',
    path: '/api/v1/connectors',
    summary: 'Kinds of external systems that can be connected.',
    action: 'connection.read',
    response: z.object({ items: z.array(ConnectorKind) }),
  }),
  listConnections: endpoint({
    method: 'GET',
    path: '/api/v1/connections',
    summary: 'Configured connections, with how fresh each is.',
    action: 'connection.read',
    query: z.object({ ...pageQuery, kind: z.string().max(50).optional() }),
    response: pageOf(Connection),
  }),
  getConnection: endpoint({
    method: 'GET',
    path: '/api/v1/connections/:id',
    summary: 'One connection.',
    action: 'connection.read',
    params: byId,
    response: Connection,
  }),
  testConnection: endpoint({
    method: 'POST',
    path: '/api/v1/connections/test',
    summary: 'Try settings without keeping them: what answers there, and what it would read.',
    action: 'connection.manage',
    body: z.object({ kind: z.string().max(50), settings }),
    response: z.object({
      ok: z.boolean(),
      /** What answered: `Docker Engine 20.10.24 on wharf-03`. */
      found: z.string().optional(),
      message: z.string().optional(),
      /** What a first sync would read, for a person to weigh before agreeing. */
      plan: z
        .array(z.object({ name: z.string(), count: z.number(), bytes: z.number().optional() }))
        .optional(),
    }),
  }),
  createConnection: endpoint({
    method: 'POST',
    path: '/api/v1/connections',
    summary: 'Connect an external system. Its first sync starts at once.',
    action: 'connection.manage',
    body: z.object({ kind: z.string().max(50), name, settings }),
    response: Connection,
    status: 201,
  }),
  changeConnection: endpoint({
    method: 'PATCH',
    path: '/api/v1/connections/:id',
    summary: 'Rename, pause, resume, or give new settings. Secrets left out stay as they are.',
    action: 'connection.manage',
    params: byId,
    body: z.object({
      name: name.optional(),
      paused: z.boolean().optional(),
      everySeconds: z.number().int().min(30).max(86_400).optional(),
      settings: settings.optional(),
    }),
    response: Connection,
  }),
  removeConnection: endpoint({
    method: 'DELETE',
    path: '/api/v1/connections/:id',
    summary: 'Remove a connection. What it saw stays in history, marked as no longer watched.',
    action: 'connection.manage',
    params: byId,
  }),
  startSync: endpoint({
    method: 'POST',
    path: '/api/v1/connections/:id/syncs',
    summary: 'Read the external system now.',
    action: 'connection.sync',
    params: byId,
    response: SyncRun,
    status: 202,
  }),
  listSyncs: endpoint({
    method: 'GET',
    path: '/api/v1/connections/:id/syncs',
    summary: 'Sync runs of a connection, newest first.',
    action: 'connection.read',
    params: byId,
    query: z.object(pageQuery),
    response: pageOf(SyncRun),
  }),
  getSync: endpoint({
    method: 'GET',
    path: '/api/v1/syncs/:id',
    summary: 'One sync run, live while it runs.',
    action: 'connection.read',
    params: byId,
    response: SyncRun,
  }),
};
