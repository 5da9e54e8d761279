import type { CataloguedComponent, ScannedImage } from '../model/catalogue.ts';
import { familiarBytes } from './familiar-bytes.ts';
import { terminalJson, terminalText } from './terminal-text.ts';

export const SCAN_FORMATS = ['table', 'json', 'cyclonedx', 'spdx'] as const;
export type ScanFormat = (typeof SCAN_FORMATS)[number];

/** The whole text of a report. The SBOM writers are only loaded for their formats. */
export async function scanReport(scanned: ScannedImage, format: ScanFormat): Promise<string> {
  if (format === 'table') return table(scanned);
  if (format === 'json') return `${terminalJson(scanned)}\n`;
  const { randomUUID } = await import('node:crypto');
  const { wharfingerVersion } = await import('../app/version.ts');
  const stamp = {
    uuid: randomUUID(),
    created: new Date().toISOString(),
    toolVersion: wharfingerVersion(),
  };
  if (format === 'cyclonedx') {
    const { writeCycloneDx } = await import('../formats/cyclonedx-out.ts');
    return `${terminalJson(writeCycloneDx(scanned, stamp))}\n`;
  }
  const { writeSpdx } = await import('../formats/spdx-out.ts');
  return `${terminalJson(writeSpdx(scanned, stamp))}\n`;
}

const EXECUTABLES_SHOWN_MAX = 10;

function table({ image, catalogue }: ScannedImage): string {
  const { components, declared, executables, layers, os } = catalogue;
  const lines: string[] = [];
  const name = image.tags[0] ?? image.manifestDigest ?? image.configDigest;
  if (name !== undefined) lines.push(`Image       ${terminalText(name)}`);
  if (image.configDigest !== undefined) lines.push(`Image id    ${image.configDigest}`);
  const { os: system, architecture } = image.platform;
  if (system !== 'unknown') lines.push(`Platform    ${terminalText(`${system}/${architecture}`)}`);
  if (os !== undefined) lines.push(`System      ${terminalText(os.name || os.id)}`);
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  lines.push(`Layers      ${layers.length}, ${familiarBytes(size)}`);
  lines.push(`Components  ${components.length}${countByType(components)}`);
  if (declared.length > 0)
    lines.push(`Declared    ${declared.length} in lock files, not installed`);
  lines.push(
    `Executables ${executables.total}, ${executables.unexplained} that no component explains`,
  );
  for (const path of executables.unexplainedPaths.slice(0, EXECUTABLES_SHOWN_MAX)) {
    lines.push(`            ${terminalText(path)}`);
  }
  if (components.length > 0) lines.push('', ...componentRows(components));
  return `${lines.join('\n')}\n`;
}

function countByType(components: readonly CataloguedComponent[]): string {
  const counts = new Map<string, number>();
  for (const { type } of components) counts.set(type, (counts.get(type) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([type, count]) => `${count} ${type}`);
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

const COLUMN_MAX = 60;

function componentRows(components: readonly CataloguedComponent[]): string[] {
  const rows = components.map((component) => {
    const { type, namespace, name, version, locations } = component;
    // The distribution is in the heading already.
    const isSystem = type === 'deb' || type === 'apk' || type === 'rpm';
    const full = namespace === undefined || isSystem ? name : `${namespace}/${name}`;
    return [type, full, version, `${locations[0]?.layer ?? 0}`, locations[0]?.path ?? ''];
  });
  const all = [['TYPE', 'NAME', 'VERSION', 'LAYER', 'PATH'], ...rows].map((row) =>
    row.map(terminalText),
  );
  const widths = [0, 1, 2, 3].map((column) =>
    all.reduce((width, row) => Math.max(width, Math.min(COLUMN_MAX, row[column]?.length ?? 0)), 0),
  );
  return all.map((row) =>
    row.map((cell, column) => (column < 4 ? cell.padEnd(widths[column] ?? 0) : cell)).join('  '),
  );
}
