import { describe, it } from 'vitest';
import type { PartName } from '../parts.ts';
import { isOptional, whatIsMissing } from './find-part.ts';
import { optionalMark } from './optional-mark.ts';

/**
 * A suite on real parts. Where one is missing it is skipped by name with how to get it; with
 * CI=true it fails instead, unless the part is in test/optional-parts.ts.
 */
export function describeWith(names: readonly PartName[], title: string, suite: () => void): void {
  const missing = names.flatMap((name) => {
    const reason = whatIsMissing(name);
    return reason === undefined ? [] : [{ name, reason }];
  });
  if (missing.length === 0) {
    describe(title, suite);
    return;
  }
  const reasons = missing.map(({ reason }) => reason).join('; ');
  const optional = missing.some(({ name }) => isOptional(name));
  if (process.env['CI'] === 'true' && !optional) {
    it(`${title} (needs ${reasons})`, () => {
      throw new Error(`A part is missing: ${reasons}`);
    });
    return;
  }
  const mark = optional ? `${optionalMark} ` : 'needs ';
  describe.skipIf(true)(`${title} (${mark}${reasons})`, suite);
}
