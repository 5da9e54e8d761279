import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { pacman } from './pacman.ts';

const folder = 'var/lib/pacman/local/libelf-0.189-3';
const parse = (name: string, text: string) =>
  pacman.parse(viewOfBytes(`${folder}/${name}`, new TextEncoder().encode(text)));

describe('what pacman files are read', () => {
  it.each([`${folder}/desc`, `${folder}/files`])('reads %s', (path) =>
    expect(pacman.wants?.(path, 1)).toBe(true),
  );
  it.each([
    `${folder}/mtree`,
    'var/lib/pacman/local/ALPM_DB_VERSION',
    'var/lib/pacman/local/a/b/desc',
    'var/lib/pacman/sync/a/desc',
  ])('leaves %s', (path) => expect(pacman.wants?.(path, 1)).toBe(false));
});

describe("pacman's local database", () => {
  it('yields name, version with epoch, architecture, licences and base', () => {
    const text = [
      '%NAME%\nlibelf\n',
      '%VERSION%\n1:0.189-3\n',
      '%BASE%\nelfutils\n',
      '%ARCH%\nx86_64\n',
      '%LICENSE%\nGPL-3.0-or-later\nLGPL-3.0-or-later\n',
      '%DEPENDS%\nzlib\n',
    ].join('\n');

    expect(parse('desc', text)).toEqual({
      components: [
        {
          key: 'alpm:libelf-0.189-3',
          component: {
            type: 'alpm',
            namespace: 'arch',
            name: 'libelf',
            version: '1:0.189-3',
            qualifiers: { arch: 'x86_64' },
            licences: ['GPL-3.0-or-later', 'LGPL-3.0-or-later'],
            source: { name: 'elfutils', version: '' },
          },
        },
      ],
    });
  });

  it('takes a heading inside a section for a line of it, and the first of two sections', () => {
    const text = '%NAME%\na\n%VERSION%\n\n%VERSION%\n1\n\n%VERSION%\n2\n';
    expect(parse('desc', text).components?.[0]?.component).toMatchObject({
      name: 'a',
      version: '1',
    });
  });

  it('owns files, and folders only by their files', () => {
    const text = '%FILES%\nusr/\nusr/lib/\nusr/lib/libelf.so\netc/ä b\n\n%BACKUP%\netc/x\tabc\n';
    expect(parse('files', text)).toEqual({
      ownerships: [{ by: 'alpm:libelf-0.189-3', paths: 'usr/lib/libelf.so\netc/ä b' }],
    });
    expect(parse('files', '')).toEqual({});
  });

  it.each(['', '%NAME%\na\n', '%NAME%\na b\n\n%VERSION%\n1\n'])(
    'that states no name or version is a problem (%j)',
    (text) => {
      expect(parse('desc', text)).toEqual({
        problems: ['The package states no name or no version that could be one.'],
      });
    },
  );

  it('never throws, whatever the lines', () => {
    const piece = fc.constantFrom('%NAME%', '%VERSION%', '%FILES%', '\n', '\n\n', 'a/', 'b', '%');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const { components = [], problems = [] } = parse('desc', pieces.join(''));
        expect(components.length + problems.length).toBe(1);
        const paths = parse('files', pieces.join('')).ownerships?.[0]?.paths ?? 'none';
        expect(paths).not.toMatch(/\/$/m);
      }),
    );
  });
});
