import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { testData } from './vectors.ts';

const read = (...parts: string[]): object =>
  JSON.parse(readFileSync(testData('vectors', ...parts), 'utf8')) as object;

function validator(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: false, validateSchema: false });
  addFormats.default(ajv);
  // ajv-formats has no internationalised ones: the plain forms are their subsets.
  for (const format of ['idn-email', 'iri-reference', 'iri']) ajv.addFormat(format, true);
  return ajv;
}

/** The published schema of a CycloneDX version, compiled: the oracle for what we write and read. */
export function cycloneDxSchema(version: string): ValidateFunction {
  const ajv = validator();
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    ajv.addSchema(read('cyclonedx', 'schema', `${name}.schema.json`));
  }
  return ajv.compile(read('cyclonedx', 'schema', `bom-${version}.schema.json`));
}

export function spdxSchema(version: '2.2' | '2.3'): ValidateFunction {
  return validator().compile(read('spdx', `spdx-${version}.schema.json`));
}
