import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock, Ids } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import { registerEndpoints } from '../../platform/http/routes.ts';
import type { JobKind, Jobs } from '../../platform/jobs.ts';
import { ownershipEndpoints } from './ownership-contract.ts';
import * as service from './ownership-service.ts';

const judgeJob: JobKind<Record<string, never>> = {
  name: 'ownership.judge',
  data: z.object({}),
  overlap: 'never',
  secondsMax: 600,
};

/** The door of ownership: rules that say who answers for a workload. */
export type Ownership = {
  readonly registerRoutes: (server: FastifyInstance) => void;
  /** After workloads came or changed. */
  readonly requestJudging: () => Promise<void>;
};

export function createOwnership(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly jobs: Jobs;
}): Ownership {
  const requestJudging = () => options.jobs.send(judgeJob, {}, { key: 'all' });
  const context: service.OwnershipContext = { ...options, requestJudging };
  options.jobs.handle(judgeJob, () => service.judgeOwners(context));
  return {
    requestJudging,
    registerRoutes: (server) =>
      registerEndpoints(server, ownershipEndpoints, {
        listTeams: ({ actor, query }) => service.listTeams(context, actor, query),
        createTeam: ({ actor, body }) => service.createTeam(context, actor, body),
        changeTeam: ({ actor, params, body }) =>
          service.changeTeam(context, actor, { id: params.id, ...body }),
        removeTeam: ({ actor, params }) => service.removeTeam(context, actor, params.id),
        listOwnerRules: ({ actor }) => service.listOwnerRules(context, actor),
        previewOwnerRules: ({ actor, body }) => service.previewOwnerRules(context, actor, body),
        replaceOwnerRules: ({ actor, body }) => service.replaceOwnerRules(context, actor, body),
      }),
  };
}
