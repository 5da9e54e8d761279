import { readSbom, SBOM_LIMITS } from '../formats/sbom-in.ts';
import type { StatedComponent, StatedSbom } from '../formats/stated-sbom.ts';
import { invalid } from '../model/errors.ts';
import type { ScanFormat } from './scan-report.ts';
import { readWholeFile } from './scan-sources.ts';
import { terminalJson, terminalText } from './terminal-text.ts';

/** Shows somebody's SBOM: what its author states, which Wharfinger has not seen. */
export async function sbomReport(file: string, format: ScanFormat) {
  if (format === 'cyclonedx' || format === 'spdx') {
    throw invalid(`${file} is an SBOM already: --format is table or json for it.`);
  }
  const sbom = readSbom(await readWholeFile(file, SBOM_LIMITS.bytesMax), file);
  const problems = sbom.problems.map((message) => ({ path: file, message }));
  return { text: format === 'json' ? `${terminalJson(sbom)}\n` : table(sbom), problems };
}

function table(sbom: StatedSbom): string {
  const { components, format, formatVersion, name, created, tools } = sbom;
  const lines = [`Stated in   ${format} ${formatVersion}`];
  if (name !== undefined) lines.push(`About       ${name}`);
  if (created !== undefined) lines.push(`Made        ${created}`);
  if (tools.length > 0) lines.push(`By          ${tools.join(', ')}`);
  const declared = components.filter((component) => component.declared).length;
  const apart = declared > 0 ? `, ${declared} of them declared and not installed` : '';
  lines.push(`Components  ${components.length}${apart}`);
  if (components.length > 0) lines.push('', ...components.map(nameOf).sort());
  return `${lines.map(terminalText).join('\n')}\n`;
}

function nameOf({ purl, group, name, version }: StatedComponent): string {
  return purl ?? `${group === undefined ? '' : `${group}/`}${name} ${version}`.trim();
}
