import { Failure } from '../model/errors.ts';
import type { FileFindings } from './cataloguer.ts';

/**
 * A file that a reader refused, as a problem of the catalogue. What is not a refusal is a defect.
 */
export function problemOf(error: unknown): FileFindings {
  if (!(error instanceof Failure)) throw error;
  return { problems: [error.message] };
}
