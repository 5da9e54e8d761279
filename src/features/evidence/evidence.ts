/** The door of the evidence log: what every other slice and start-up may call. */
export {
  appendEvidence,
  appendEvidenceBatch,
  type EvidenceId,
  type NewEvidence,
} from './evidence-append.ts';
export { eraseAttachment, storeAttachment } from './evidence-attachments.ts';
export { createEvidence, type Evidence } from './evidence-slice.ts';
