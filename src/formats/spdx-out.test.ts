import { describe, expect, it } from 'vitest';
import { describeWith } from '../../test/harness/parts.ts';
import { EMPTY_SCAN, SAMPLE_SCAN } from '../../test/harness/sample-scan.ts';
import { spdxSchema } from '../../test/harness/sbom-schemas.ts';
import { isLicenceExpression, licenceReferences } from './licence-expression.ts';
import { spdxText, writeSpdx } from './spdx-out.ts';

const stamp = {
  uuid: '3e671687-395b-41f5-a30f-a58921a69b79',
  created: '2026-11-22T05:06:07.089Z',
  toolVersion: '0.1.0',
};

describeWith(['test-data'], 'an SPDX document', () => {
  it('is valid by the schema of 2.3', () => {
    const isValid = spdxSchema('2.3');
    for (const scan of [SAMPLE_SCAN, EMPTY_SCAN]) {
      expect(
        isValid(JSON.parse(spdxText(writeSpdx(scan, stamp)))),
        JSON.stringify(isValid.errors),
      ).toBe(true);
    }
  });
});

describe('an SPDX document', () => {
  const document = writeSpdx(SAMPLE_SCAN, stamp);
  const idOf = (name: string) => document.packages.find((each) => each.name === name)?.SPDXID;

  it('describes the image, which contains what is installed', () => {
    const installed = document.relationships.filter((each) => each.relationshipType === 'CONTAINS');
    expect(document.relationships[0]).toEqual({
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: 'SPDXRef-Image',
    });
    expect(installed.map((each) => each.relatedSpdxElement)).toContain(idOf('@babel/core'));
    expect(installed.map((each) => each.relatedSpdxElement)).not.toContain(idOf('left-pad'));
  });

  it('has a source package of the binary’s version where none is stated apart', () => {
    expect(document.packages.find((each) => each.name === 'gcc-12')).toMatchObject({
      versionInfo: '1:12.2.0-14+deb12u1',
      primaryPackagePurpose: 'SOURCE',
    });
    expect(document.relationships).toContainEqual({
      spdxElementId: idOf('libstdc++6'),
      relationshipType: 'GENERATED_FROM',
      relatedSpdxElement: idOf('gcc-12'),
    });
  });

  it('declares licences as expressions only, and explains every LicenseRef', () => {
    const explained = document.hasExtractedLicensingInfos?.map((each) => each.licenseId) ?? [];
    for (const { licenseDeclared } of document.packages) {
      if (licenseDeclared === 'NOASSERTION') continue;
      expect(isLicenceExpression(licenseDeclared), licenseDeclared).toBe(true);
      for (const name of licenceReferences(licenseDeclared)) expect(explained).toContain(name);
    }
    expect(document.packages.find((each) => each.name === 'libstdc++6')?.licenseDeclared).toBe(
      '(GPL-3.0-only WITH GCC-exception-3.1) AND LGPL-2.1-or-later AND LicenseRef-0',
    );
  });

  it('has ids that are unique and of SPDX’s letters, and a time without a fraction', () => {
    const ids = document.packages.map((each) => each.SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
    expect(document.creationInfo.created).toBe('2026-11-22T05:06:07Z');
  });
});
