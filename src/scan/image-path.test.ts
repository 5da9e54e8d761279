import { describe, expect, it } from 'vitest';
import { resolveInImage } from './image-path.ts';

describe('a path from a package file list', () => {
  it('climbs from its folder, and starts at the root of the image after a slash', () => {
    expect(resolveInImage('usr/lib/python3/site-packages', '../../../bin/pip')).toBe('usr/bin/pip');
    expect(resolveInImage('usr/lib', './a//b')).toBe('usr/lib/a/b');
    expect(resolveInImage('usr/lib', '/opt/x')).toBe('opt/x');
    expect(resolveInImage('', 'a')).toBe('a');
  });

  it.each([['../../../etc/passwd'], ['/..'], ['../..'], [''], ['a\u0000b'], ['a\nb']])(
    'is refused when it is %j, seen from usr/lib',
    (stated) => {
      expect(resolveInImage('usr/lib', stated)).toBeUndefined();
    },
  );
});
