import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder that holds package.json, bin/, migrations/ and web/. It may be read-only. */
export const PROJECT_FOLDER = resolve(import.meta.dirname, '../..');

let version: string | undefined;

export function wharfingerVersion(): string {
  version ??= (
    JSON.parse(readFileSync(`${PROJECT_FOLDER}/package.json`, 'utf8')) as { version: string }
  ).version;
  return version;
}
