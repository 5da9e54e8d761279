/** The door of the evidence log: what every other slice and start-up may call. */
export {
  appendEvidence,
  appendEvidenceBatch,
  type EvidenceId,
  type NewEvidence,
} from './evidence-append.ts';
export { eraseAttachment, storeAttachment } from './evidence-attachments.ts';
export {
  createEvidenceKeeper,
  type EvidenceKeeper,
  type KeeperContext,
} from './evidence-keeper.ts';
export { registerEvidence } from './evidence-routes.ts';
export type { EvidenceContext } from './evidence-service.ts';
export { TreeReader } from './evidence-tree.ts';
