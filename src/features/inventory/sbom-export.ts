import { cycloneDxText, writeCycloneDx } from '../../formats/cyclonedx-out.ts';
import type { SbomStamp } from '../../formats/sbom-stamp.ts';
import { spdxText, writeSpdx } from '../../formats/spdx-out.ts';
import type { ScannedImage } from '../../model/catalogue.ts';

export const sbomFormats = ['cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-2.3'] as const;
export type SbomFormat = (typeof sbomFormats)[number];

/** An image's catalogue as the text of an SBOM document. */
export function sbomOf(scanned: ScannedImage, format: SbomFormat, stamp: SbomStamp): string {
  switch (format) {
    case 'cyclonedx-1.6':
      return cycloneDxText(writeCycloneDx(scanned, stamp, '1.6'));
    case 'cyclonedx-1.7':
      return cycloneDxText(writeCycloneDx(scanned, stamp, '1.7'));
    case 'spdx-2.3':
      return spdxText(writeSpdx(scanned, stamp));
  }
}
