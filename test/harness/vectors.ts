import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The folder of test data written by others (vectors/, osv/). It is never copied into the
 * repository: suites that use it look beside the clone, or where WHARFINGER_TESTDATA says, and are
 * skipped by name where it is not. Undefined when absent.
 */
export function testDataFolder(): string | undefined {
  const folder =
    process.env['WHARFINGER_TESTDATA'] ?? resolve(import.meta.dirname, '../../../shared');
  return existsSync(join(folder, 'vectors')) ? folder : undefined;
}

/** A path below the test data, or '' when there is none (suites ask for 'test-data'). */
export function testData(...parts: string[]): string {
  const folder = testDataFolder();
  return folder === undefined ? '' : join(folder, ...parts);
}
