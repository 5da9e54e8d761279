import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { rPackage } from './r-package.ts';

const PATH = 'usr/lib/R/site-library/stringr/DESCRIPTION';
const parse = (text: string) => rPackage.parse(viewOfBytes(PATH, new TextEncoder().encode(text)));

const stringr = [
  'Package: stringr',
  'Title: Simple Wrappers',
  'Version: 1.5.0',
  'License: MIT + file LICENSE',
  'Imports: ',
  '    cli,',
  'Built: R 4.2.2; ; 2023-01-01 00:00:00 UTC; unix',
].join('\n');

describe("an installed R package's DESCRIPTION", () => {
  it('yields the package, owner of its folder', () => {
    expect(parse(stringr)).toEqual({
      components: [
        {
          key: `cran:${PATH}`,
          component: {
            type: 'cran',
            name: 'stringr',
            version: '1.5.0',
            licences: ['MIT + file LICENSE'],
          },
        },
      ],
      ownerships: [{ by: `cran:${PATH}`, paths: 'usr/lib/R/site-library/stringr/' }],
    });
  });

  it('is read by its name, below a folder', () => {
    expect(rPackage.wants?.(PATH, 1)).toBe(true);
    expect(rPackage.wants?.('DESCRIPTION', 1)).toBe(false);
    expect(rPackage.wants?.('a/DESCRIPTION.md', 1)).toBe(false);
  });

  it.each([
    ['a source package, that R has not built', stringr.replace(/Built.*/, '')],
    ['prose', 'This is a description: of something\n\nelse'],
    ['a name that is none', stringr.replace('stringr', 'a b')],
    ['nothing', ''],
  ])('is silent about %s', (_what, text) => expect(parse(text)).toEqual({}));

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(stringr.length), (bytes, at) => {
        const whole = Buffer.from(stringr);
        const mixed = Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at)]);
        const { components = [] } = rPackage.parse(viewOfBytes(PATH, mixed));
        expect(components.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
