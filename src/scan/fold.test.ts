import { describe, expect, it } from 'vitest';
import { streamOf, toyCataloguer } from '../../test/harness/layers.ts';
import { type TarPart, tar } from '../../test/harness/tar.ts';
import { osRelease } from './cataloguers/os-release/os-release.ts';
import { type Folded, foldLayers } from './fold.ts';
import { readLayer } from './read-layer.ts';

/** Catalogues an image of the given layers, the lowest first. */
async function fold(...layers: readonly (readonly TarPart[])[]): Promise<Folded> {
  const records = layers.map((parts) =>
    readLayer(streamOf(tar(...parts)), { label: 'L' }, [toyCataloguer, osRelease]),
  );
  return foldLayers(await Promise.all(records));
}

const names = ({ components }: Folded) =>
  components.map(({ name, version }) => `${name} ${version}`);
const pkg = (name: string, ...lines: string[]): TarPart => ({ name, body: lines.join('\n') });
const script = (name: string): TarPart => ({ name, body: '#!/bin/sh\n', mode: 0o755 });

describe('layers lie on each other', () => {
  it.each([
    ['a whiteout', [{ name: 'opt/app/.wh.a.pkg' }]],
    ['a whiteout of its folder', [{ name: 'opt/.wh.app' }]],
    ['an opaque folder', [{ name: 'opt/.wh..wh..opq' }]],
    ['an opaque root', [{ name: '.wh..wh..opq' }]],
    ['a file nobody wants in its place', [{ name: 'opt/app/a.pkg', body: '' }]],
    ['a link in its place', [{ name: 'opt/app/a.pkg', type: '2', linkName: '/dev/null' }]],
    ['a folder in its place', [{ name: 'opt/app/a.pkg/x', body: 'x' }]],
    ['a file in place of its folder', [{ name: 'opt/app', body: 'x' }]],
    ['a link in place of its folder', [{ name: 'opt', type: '2', linkName: 'srv' }]],
  ])('%s takes a component away', async (_, upper) => {
    const lower = [pkg('opt/app/a.pkg', 'alpha 1'), pkg('srv/b.pkg', 'beta 1')];

    const left = upper[0]?.name === '.wh..wh..opq' ? [] : ['beta 1'];
    expect(names(await fold(lower, upper))).toEqual(left);
  });

  it('a folder that is named again takes nothing away', async () => {
    const again = [{ name: 'opt/', type: '5' }, pkg('opt/b.pkg', 'beta 1')];

    expect(names(await fold([pkg('opt/a.pkg', 'alpha 1')], again))).toEqual(['alpha 1', 'beta 1']);
  });

  it('a whiteout hides nothing of its own layer', async () => {
    const folded = await fold(
      [pkg('a.pkg', 'alpha 1')],
      [pkg('a.pkg', 'alpha 2'), { name: '.wh.a.pkg' }],
    );

    expect(names(folded)).toEqual(['alpha 2']);
  });

  it('says with which layer each version came, though the database is written anew', async () => {
    const folded = await fold(
      [pkg('db.pkg', 'alpha 1', 'beta 1')],
      [pkg('db.pkg', 'alpha 1', 'beta 2', 'gamma 1')],
      [{ name: 'unrelated', body: 'x' }],
    );

    expect(folded.components.map(({ name, locations }) => [name, locations[0]?.layer])).toEqual([
      ['alpha', 0],
      ['beta', 1],
      ['gamma', 1],
    ]);
  });

  it('names a component once, with all its places', async () => {
    const [only, ...others] = (await fold([pkg('b.pkg', 'alpha 1')], [pkg('a.pkg', 'alpha 1')]))
      .components;

    expect(others).toEqual([]);
    expect(only?.locations).toEqual([
      { path: 'a.pkg', layer: 1, cataloguer: 'toy' },
      { path: 'b.pkg', layer: 0, cataloguer: 'toy' },
    ]);
  });

  it('forgets the problem of a file that a higher layer removed', async () => {
    const lower = [pkg('a.pkg', 'broken'), pkg('b.pkg', 'broken')];

    const { problems } = await fold(lower, [{ name: '.wh.a.pkg' }]);

    expect(problems).toEqual([{ path: 'b.pkg', message: 'A line is broken.', layer: 0 }]);
  });
});

describe('joins', () => {
  const debian = pkg('etc/os-release', 'ID=debian', 'VERSION_ID="12"', 'NAME="Debian"');

  it('adds the distribution to system packages, from whatever layer says it', async () => {
    const { components, os } = await fold([pkg('db.pkg', 'curl 1:7.88 deb')], [debian]);

    expect(os?.id).toBe('debian');
    expect(components[0]?.purl).toBe('pkg:deb/debian/curl@1:7.88?distro=debian-12');
  });

  it('adds licences that another file states', async () => {
    const { components } = await fold([
      pkg('a.pkg', 'alpha 1 generic key-a'),
      pkg('licence.pkg', 'licence key-a MIT'),
    ]);

    expect(components[0]?.licences).toEqual(['MIT']);
  });

  it('says which system package owns the file that proves another component', async () => {
    const { components } = await fold([
      debian,
      pkg('db.pkg', 'python3-foo 1 deb deb:foo', 'owns deb:foo lib/foo.pkg'),
      { name: 'lib', type: '2', linkName: 'usr/lib' },
      pkg('usr/lib/foo.pkg', 'foo 1 pypi'),
    ]);

    const foo = components.find(({ type }) => type === 'pypi');
    expect(foo?.ownedBy).toBe('pkg:deb/debian/python3-foo@1?distro=debian-12');
    expect(components.find(({ type }) => type === 'deb')?.ownedBy).toBeUndefined();
  });

  it('lists a program once when a system package brought it, and another copy of it by itself', async () => {
    const packaged = await fold([
      pkg('db.pkg', 'bash 5 deb deb:bash', 'owns deb:bash bin/shell.pkg'),
      pkg('bin/shell.pkg', 'bash 5 generic'),
    ]);
    const copied = await fold([
      pkg('db.pkg', 'bash 5 deb deb:bash', 'owns deb:bash bin/shell.pkg'),
      pkg('bin/shell.pkg', 'bash 5 generic'),
      pkg('usr/local/bin/shell.pkg', 'bash 5 generic'),
    ]);

    expect(packaged.components.map(({ type }) => type)).toEqual(['deb']);
    expect(copied.components.map(({ type }) => type)).toEqual(['deb', 'generic']);
  });
});

describe('executables', () => {
  it('counts those that no component explains', async () => {
    const { executables } = await fold([
      pkg('db.pkg', 'tools 1 generic tools', 'owns tools bin/owned', 'owns tools opt/all/'),
      { name: 'bin', type: '2', linkName: 'usr/bin' },
      script('usr/bin/owned'),
      { name: 'usr/bin/hard-link', type: '1', linkName: 'usr/bin/owned' },
      script('opt/all/deep/inside'),
      script('usr/bin/stray'),
    ]);

    expect(executables).toEqual({
      total: 4,
      unexplained: 1,
      unexplainedPaths: ['usr/bin/stray'],
    });
  });

  it('takes no explanation from a package that is not there any more', async () => {
    const { executables } = await fold(
      [pkg('db.pkg', 'tools 1 generic tools'), pkg('list.pkg', 'owns tools usr/bin/a')],
      [script('usr/bin/a'), pkg('db.pkg', 'other 1')],
    );

    expect(executables.unexplained).toBe(1);
  });

  it('follows links in circles to no end', async () => {
    const { executables } = await fold([
      { name: 'a', type: '2', linkName: 'b' },
      { name: 'b', type: '2', linkName: 'a' },
      script('usr/bin/x'),
    ]);

    expect(executables.total).toBe(1);
  });
});
