import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { bitnami } from './bitnami.ts';

const PATH = 'opt/bitnami/.bitnami_components.json';
const parse = (text: string) => bitnami.parse(viewOfBytes(PATH, new TextEncoder().encode(text)));

describe("Bitnami's list of components", () => {
  it('yields each with its architecture and distribution, owner of its folder', () => {
    const text = JSON.stringify({
      postgresql: { arch: 'amd64', distro: 'debian-11', type: 'NAMI', version: '11.22.0-4' },
      gosu: { version: '1.17.0' },
    });

    expect(parse(text)).toEqual({
      components: [
        {
          key: 'bitnami:postgresql',
          component: {
            type: 'bitnami',
            name: 'postgresql',
            version: '11.22.0-4',
            qualifiers: { arch: 'amd64', distro: 'debian-11' },
          },
        },
        {
          key: 'bitnami:gosu',
          component: { type: 'bitnami', name: 'gosu', version: '1.17.0' },
        },
      ],
      ownerships: [
        { by: 'bitnami:postgresql', paths: 'opt/bitnami/postgresql/' },
        { by: 'bitnami:gosu', paths: 'opt/bitnami/gosu/' },
      ],
    });
  });

  it('is read at its one place', () => {
    expect(bitnami.wants?.(PATH, 1)).toBe(true);
    expect(bitnami.wants?.('.bitnami_components.json', 1)).toBe(false);
  });

  it('keeps the components around one that is none', () => {
    const { components, problems } = parse('{"a":{},"b/../c":{"version":"1"},"d":{"version":"1"}}');
    expect(components?.map((found) => found.component.name)).toEqual(['d']);
    expect(problems).toHaveLength(2);
  });

  it('that is no JSON, or nested without end, is a problem', () => {
    expect(parse('{').problems).toHaveLength(1);
    expect(parse(`${'['.repeat(1000)}${']'.repeat(1000)}`).problems).toHaveLength(1);
  });

  it('never throws, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(parse(`{"a":${json}}`).components).toBeDefined();
        expect(parse(json).components).toBeDefined();
      }),
    );
  });
});
