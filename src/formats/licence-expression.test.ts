import { describe, expect, it } from 'vitest';
import { isLicenceExpression, isSpdxLicenceId } from './licence-expression.ts';

describe('a licence', () => {
  it.each(['MIT', 'GPL-2.0+', 'AGPL-3.0', '0BSD'])('%s is of the SPDX list', (id) => {
    expect(isSpdxLicenceId(id)).toBe(true);
  });
  it.each(['mit', 'BSD', 'Apache-2', '', 'GPL-2.0-or-later AND MIT', 'Classpath-exception-2.0'])(
    '%j is not',
    (id) => expect(isSpdxLicenceId(id)).toBe(false),
  );
});

describe('a licence expression', () => {
  it.each([
    'MIT',
    'MIT OR Apache-2.0',
    '(MIT AND (X11 OR ISC))',
    'GPL-2.0-or-later WITH Classpath-exception-2.0 AND MIT',
    'LicenseRef-x OR DocumentRef-d:LicenseRef-y',
    'Apache-2.0+',
  ])('is %j', (text) => expect(isLicenceExpression(text)).toBe(true));

  it.each([
    '',
    'MIT or Apache-2.0',
    'MIT OR',
    'MIT Apache-2.0',
    '(MIT',
    'MIT)',
    'MIT WITH GPL-2.0-only',
    'BSD AND MIT',
    `${'('.repeat(500)}MIT${')'.repeat(500)}`,
    'MIT OR '.repeat(2000),
  ])('is not %j', (text) => expect(isLicenceExpression(text)).toBe(false));
});
