import { describe, it } from 'vitest';
import type { PartName } from '../parts.ts';
import { howToGet, isOptional, whatIsMissing } from './find-part.ts';
import { optionalMark } from './optional-mark.ts';

/** A part by name, or with what the suite itself found out: that a tool has the module it needs. */
type Needed = PartName | { readonly part: PartName; readonly isUsable: boolean };

/**
 * A suite on real parts. Where one is missing it is skipped by name with how to get it; with
 * CI=true it fails instead, unless the part is in test/optional-parts.ts.
 */
export function describeWith(needed: readonly Needed[], title: string, suite: () => void): void {
  const missing = needed.flatMap((need) => {
    const name = typeof need === 'string' ? need : need.part;
    const reason = reasonAgainst(need);
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

function reasonAgainst(need: Needed): string | undefined {
  if (typeof need === 'string') return whatIsMissing(need);
  return need.isUsable ? undefined : howToGet(need.part);
}
