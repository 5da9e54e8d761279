import { describe, expect, it } from 'vitest';
import { ownedCharactersMax, ownedPaths, resolveInImage } from './image-path.ts';

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

describe('the paths of an ownership', () => {
  it('are one a line', () => {
    expect(ownedPaths(['a', 'b/'], 10)).toBe('a\nb/');
  });

  it('are as many as fit', () => {
    expect(ownedPaths(['aaaa', 'bbbb', 'cccc'], 10)).toBe('aaaa\nbbbb');
  });

  it('may be four times as long as their list', () => {
    expect(ownedCharactersMax(1)).toBe(1024 * 1024);
    expect(ownedCharactersMax(1024 * 1024)).toBe(4 * 1024 * 1024);
  });
});
