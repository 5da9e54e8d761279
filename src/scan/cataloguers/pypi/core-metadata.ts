import { textLines } from '../../../formats/text-lines.ts';
import type { Component } from '../../../model/component.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';

// The fields come first; what follows may be a long description.
const FIELD_BYTES_MAX = 512 * 1024;
const FIELDS_MAX = 10_000;
// Classifiers, dependencies and files of licences repeat; the rest is short.
const VALUE_CHARACTERS_MAX = 4096;

/** Fields by their name in lower case, each with its values in order. */
export type CoreMetadata = ReadonlyMap<string, readonly string[]>;

/**
 * The fields of METADATA or PKG-INFO: e-mail headers up to the first line that is none, as Python's
 * own parser reads them (packaging.python.org, core metadata specifications). Names in any case.
 */
export function readCoreMetadata(bytes: Uint8Array): CoreMetadata {
  const fields = new Map<string, string[]>();
  let values: string[] = [];
  let count = 0;
  for (const line of textLines(bytes.subarray(0, FIELD_BYTES_MAX))) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      const folded = `${values.pop() ?? ''}\n${line.trim()}`;
      values.push(folded.slice(0, VALUE_CHARACTERS_MAX));
      continue;
    }
    const header = /^([!-9;-~]+):(.*)$/.exec(line);
    if (header === null || count === FIELDS_MAX) break;
    count++;
    const name = header[1]!.toLowerCase();
    values = fields.get(name) ?? [];
    values.push(header[2]!.trim().slice(0, VALUE_CHARACTERS_MAX));
    fields.set(name, values);
  }
  return fields;
}

/** The component that metadata describes; where a field is repeated the first counts, as in pip. */
export function pypiComponent(metadata: CoreMetadata): Component | undefined {
  const name = distributionName(metadata.get('name')?.[0]);
  const version = distributionVersion(metadata.get('version')?.[0]);
  if (name === undefined || version === undefined) return undefined;
  const licences = licencesOf(metadata);
  return { type: 'pypi', name, version, ...(licences.length === 0 ? {} : { licences }) };
}

/** A valid name in the normal form that package URLs use: lower case, with single dashes. */
export function distributionName(value: unknown): string | undefined {
  const name = statedWord(value);
  if (name === undefined || !/^[a-zA-Z0-9][\w.-]*$/.test(name) || /[._-]$/.test(name)) {
    return undefined;
  }
  return name.toLowerCase().replaceAll(/[._-]+/g, '-');
}

/** Any version pip ever took: older than PEP 440 are many shapes, but no spaces and no patterns. */
export function distributionVersion(value: unknown): string | undefined {
  const version = statedWord(value);
  return version !== undefined && /^\w[\w.!+~-]*$/.test(version) ? version : undefined;
}

/**
 * Since metadata 2.4 an SPDX expression; before it, words of the author's, often the whole text of
 * a licence, which then says less than the classifiers do.
 */
function licencesOf(metadata: CoreMetadata): readonly string[] {
  const expression = statedLicences(metadata.get('license-expression') ?? []);
  if (expression.length > 0) return expression;
  const words = (metadata.get('license') ?? []).filter((licence) => licence !== 'UNKNOWN');
  const stated = statedLicences(words);
  if (stated.length > 0) return stated;
  const classifiers = (metadata.get('classifier') ?? [])
    .filter((classifier) => classifier.startsWith('License ::'))
    .map((classifier) => classifier.slice(classifier.lastIndexOf('::') + 2));
  return statedLicences(classifiers);
}
