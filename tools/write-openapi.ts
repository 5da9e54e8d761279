import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeApi } from '../src/app/openapi.ts';
import { PROJECT_FOLDER, wharfingerVersion } from '../src/app/version.ts';
import { describeRoleTable } from './role-table.ts';

// Writes what is made from the contracts and committed: openapi/v1.json and the table of roles.
mkdirSync(join(PROJECT_FOLDER, 'openapi'), { recursive: true });
mkdirSync(join(PROJECT_FOLDER, 'test/golden'), { recursive: true });
const document = await describeApi(wharfingerVersion());
writeFileSync(
  join(PROJECT_FOLDER, 'openapi/v1.json'),
  `${JSON.stringify(document, undefined, 2)}\n`,
);
writeFileSync(join(PROJECT_FOLDER, 'test/golden/role-table.md'), describeRoleTable());
