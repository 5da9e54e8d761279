import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { registerEndpoints } from '../../platform/http/routes.ts';
import { evidenceEndpoints } from './evidence-contract.ts';
import { addPublication, removePublication } from './evidence-publishing.ts';
import * as service from './evidence-service.ts';

// A tile never changes once it is served, and nothing signed in is public.
const IMMUTABLE = 'private, max-age=31536000, immutable';

export function registerEvidence(server: FastifyInstance, context: service.EvidenceContext): void {
  registerEndpoints(server, evidenceEndpoints, {
    getEvidenceState: ({ actor }) => service.getState(context, actor),
    listEvidence: ({ actor, query }) => service.listEvidence(context, actor, query),
    getEvidence: ({ actor, params }) => service.getEvidence(context, actor, params.id),
    getEvidenceProof: async ({ actor, params, query, reply }) => {
      const proof = await service.proveEntry(context, actor, { id: params.id, older: query.older });
      void reply
        .type('text/plain; charset=utf-8')
        .header('content-disposition', `attachment; filename="${params.id}.tlog-proof"`)
        .send(proof);
    },
    getEvidenceAttachment: async ({ actor, params, reply }) => {
      const found = await service.getEvidenceAttachment(context, actor, params.digest);
      // Never shown as a page of ours, whatever its media type says.
      void reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename="${found.sha256}"`)
        .header('content-length', found.size)
        .send(Readable.from(found.content));
    },
    exportEvidence: async ({ actor, query, reply }) => {
      const chunks = await service.exportLog(context, actor, query.origin);
      void reply
        .type('application/x-tar')
        .header('content-disposition', 'attachment; filename="evidence.tar"')
        .send(Readable.from(chunks));
    },
    addPublication: ({ actor, body }) => addPublication(context, actor, body.target),
    removePublication: ({ actor, params }) => removePublication(context, actor, params.id),
    getLogCheckpoint: async ({ actor, reply }) => {
      const note = await service.getLogCheckpoint(context, actor);
      void reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(note);
    },
    getLogTile: async ({ actor, request, reply }) => {
      const path = (request.params as { readonly '*'?: string })['*'] ?? '';
      const bytes = await service.getLogTile(context, actor, `tile/${path}`);
      void reply
        .type('application/octet-stream')
        .header('cache-control', IMMUTABLE)
        .send(Buffer.from(bytes));
    },
  });
}
