/** The door of the evidence log: what every other slice and start-up may call. */
export {
  appendEvidence,
  type EvidenceId,
  type NewEvidence,
} from './evidence-append.ts';
export { storeAttachment } from './evidence-attachments.ts';
export { createEvidence, type Evidence } from './evidence-slice.ts';
