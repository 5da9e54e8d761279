import type { FastifyInstance } from 'fastify';
import {
  createEvidenceKeeper,
  type EvidenceKeeper,
  type KeeperContext,
} from './evidence-keeper.ts';
import { registerEvidence } from './evidence-routes.ts';
import { TreeReader } from './evidence-tree.ts';

/** The evidence log of a running server. */
export type Evidence = {
  registerRoutes(server: FastifyInstance): void;
  /** Makes the log at the first start, then seals and publishes beside requests. */
  start: EvidenceKeeper['start'];
  /** Seals what still waits, then stops. */
  stop: EvidenceKeeper['stop'];
};

export function createEvidence(given: Omit<KeeperContext, 'reader'>): Evidence {
  const context = { ...given, reader: new TreeReader() };
  const keeper = createEvidenceKeeper(context);
  return {
    registerRoutes: (server) =>
      registerEvidence(server, { ...context, findProblem: () => keeper.findProblem() }),
    start: () => keeper.start(),
    stop: () => keeper.stop(),
  };
}
