import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';
import { pageOf, pageQuery } from '../../model/page.ts';

export const EvidenceAttachment = z.object({
  name: z.string(),
  mediaType: z.string(),
  size: z.number().int(),
  digest: z.string(),
});

/** One entry of the log: who did what to which things, when. */
export const EvidenceRow = z.object({
  id: z.string(),
  /** Its place in the log; absent for the moment until it is sealed. */
  index: z.number().int().optional(),
  logOrigin: z.string().optional(),
  kind: z.string(),
  at: z.iso.datetime(),
  actor: z.string(),
  subjects: z.array(z.string()),
  body: z.unknown(),
  attachments: z.array(EvidenceAttachment),
});
export type EvidenceRow = z.output<typeof EvidenceRow>;

export const EvidenceLog = z.object({
  origin: z.string(),
  /** What `wharfinger verify --key` takes; write it down somewhere else than here. */
  verifierKey: z.string(),
  entries: z.number().int(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
});

export const Publication = z.object({
  id: z.string(),
  /** A folder, or an http(s) address that takes a PUT. */
  target: z.string(),
  addedAt: z.iso.datetime(),
  state: z.enum(['new', 'current', 'behind', 'failing']),
  size: z.number().int().optional(),
  publishedAt: z.iso.datetime().optional(),
  problem: z.string().optional(),
});
export type Publication = z.output<typeof Publication>;

export const EvidenceState = z.object({
  log: EvidenceLog,
  /** Logs that ended because a restore fell behind them. */
  earlierLogs: z.array(EvidenceLog),
  /** The newest signed checkpoint; absent until the first is signed. */
  checkpoint: z
    .object({
      size: z.number().int(),
      root: z.string(),
      note: z.string(),
      signedAt: z.iso.datetime(),
    })
    .optional(),
  /** Entries that wait for their place. */
  pending: z.number().int(),
  publications: z.array(Publication),
  /** Why sealing stands still, when it does. */
  problem: z.string().optional(),
});
export type EvidenceState = z.output<typeof EvidenceState>;

const byId = z.object({ id: z.string().max(100) });
const thingId = z.string().max(250);

export const evidenceEndpoints = {
  getEvidenceState: endpoint({
    method: 'GET',
    path: '/api/v1/evidence',
    summary: 'The evidence log: its key, its newest signed checkpoint, where checkpoints go.',
    action: 'evidence.read',
    response: EvidenceState,
  }),
  listEvidence: endpoint({
    method: 'GET',
    path: '/api/v1/evidence/entries',
    summary: 'Evidence entries, newest first.',
    action: 'evidence.read',
    query: z.object({
      ...pageQuery,
      subject: thingId.optional(),
      actor: thingId.optional(),
      kind: z.string().max(200).optional(),
      from: z.iso.datetime().optional(),
      /** Not included. */
      to: z.iso.datetime().optional(),
    }),
    response: pageOf(EvidenceRow),
  }),
  getEvidence: endpoint({
    method: 'GET',
    path: '/api/v1/evidence/entries/:id',
    summary: 'One evidence entry.',
    action: 'evidence.read',
    params: byId,
    response: EvidenceRow,
  }),
  getEvidenceProof: endpoint({
    method: 'GET',
    path: '/api/v1/evidence/entries/:id/proof',
    summary: 'A .tlog-proof file for one entry, which `wharfinger verify` checks offline.',
    action: 'evidence.read',
    params: byId,
    /** The size of a checkpoint kept from before: adds the proof that the log continues it. */
    query: z.object({ older: z.coerce.number().int().min(1).optional() }),
    streams: 'text/plain; charset=utf-8',
  }),
  getEvidenceAttachment: endpoint({
    method: 'GET',
    path: '/api/v1/evidence/attachments/:digest',
    summary: 'Bulky evidence by the digest that an entry names.',
    action: 'evidence.read',
    params: z.object({ digest: z.string().max(100) }),
    streams: 'application/octet-stream',
  }),
  exportEvidence: endpoint({
    method: 'GET',
    path: '/api/v1/evidence/export',
    summary: 'The whole log in one tar file, which `wharfinger verify` checks offline.',
    action: 'evidence.export',
    query: z.object({ origin: z.string().max(300).optional() }),
    streams: 'application/x-tar',
  }),
  addPublication: endpoint({
    method: 'POST',
    path: '/api/v1/evidence/publications',
    summary: 'Send every signed checkpoint to a place outside this server as well.',
    action: 'evidence.manage',
    body: z.object({ target: z.string().trim().min(1).max(1000) }),
    response: Publication,
    status: 201,
  }),
  removePublication: endpoint({
    method: 'DELETE',
    path: '/api/v1/evidence/publications/:id',
    summary: 'Stop sending checkpoints to a place. What it has stays there.',
    action: 'evidence.manage',
    params: byId,
  }),
  getLogCheckpoint: endpoint({
    method: 'GET',
    path: '/evidence/log/checkpoint',
    summary: 'The newest signed checkpoint (c2sp.org/tlog-checkpoint).',
    action: 'evidence.read',
    streams: 'text/plain; charset=utf-8',
  }),
  getLogTile: endpoint({
    method: 'GET',
    path: '/evidence/log/tile/*',
    summary: 'Tiles and entry bundles of the log (c2sp.org/tlog-tiles).',
    action: 'evidence.read',
    streams: 'application/octet-stream',
  }),
};
