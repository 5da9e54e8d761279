import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { conda } from './conda.ts';

const PATH = 'opt/conda/conda-meta/zlib-1.2.11-h90dfc92_1014.json';
const parse = (text: string, path = PATH) =>
  conda.parse(viewOfBytes(path, new TextEncoder().encode(text)));
const parseRecord = (record: object) => parse(JSON.stringify(record));

const zlib = {
  name: 'zlib',
  version: '1.2.11',
  build: 'h90dfc92_1014',
  channel: 'https://conda.anaconda.org/conda-forge/linux-64',
  subdir: 'linux-64',
  fn: 'zlib-1.2.11-h90dfc92_1014.tar.bz2',
  license: 'Zlib',
  files: ['include/zlib.h', 'lib/libz.so'],
};

describe('what conda files are read', () => {
  it.each([PATH, 'conda-meta/a.json', 'opt/conda/envs/x/conda-meta/a.json'])('reads %s', (path) =>
    expect(conda.wants?.(path, 1)).toBe(true),
  );
  it.each([
    'opt/conda/conda-meta/history',
    'opt/conda/pkgs/a/info/index.json',
    'xconda-meta/a.json',
  ])('leaves %s', (path) => expect(conda.wants?.(path, 1)).toBe(false));
});

describe('a record of a conda environment', () => {
  it('yields what the purl type wants, and its files in the environment', () => {
    const key = `conda:${PATH}`;
    expect(parseRecord(zlib)).toEqual({
      components: [
        {
          key,
          component: {
            type: 'conda',
            name: 'zlib',
            version: '1.2.11',
            qualifiers: {
              build: 'h90dfc92_1014',
              channel: 'conda-forge',
              subdir: 'linux-64',
              type: 'tar.bz2',
            },
            licences: ['Zlib'],
          },
        },
      ],
      ownerships: [{ by: key, paths: 'opt/conda/include/zlib.h\nopt/conda/lib/libz.so' }],
    });
  });

  it.each([
    ['https://repo.anaconda.com/pkgs/main/linux-64', 'main'],
    ['https://conda.anaconda.org/conda-forge/', 'conda-forge'],
    ['pkgs/main', 'main'],
    ['conda-forge', 'conda-forge'],
  ])('of channel %s is of channel %s', (channel, expected) => {
    const { components } = parseRecord({ ...zlib, channel });
    expect(components?.[0]?.component.qualifiers).toMatchObject({ channel: expected });
  });

  it('owns nothing outside its environment', () => {
    const files = ['../../bin/sh', '../../../../etc/passwd', '', 7, 'a\nb', 'lib/../lib/x', 'lib/'];
    const { ownerships } = parseRecord({ ...zlib, files });
    expect(ownerships?.[0]?.paths).toBe('opt/conda/lib/x\nopt/conda/lib');
  });

  it.each([{}, { name: 'a' }, { name: 'a b', version: '1' }])(
    'that states no name or version is a problem (%j)',
    (record) => {
      expect(parseRecord(record).problems).toEqual([
        'The record states no name or no version that could be one.',
      ]);
    },
  );

  it('that is no JSON, or nested without end, is a problem', () => {
    expect(parse('{').problems).toHaveLength(1);
    expect(parse(`{"files":${'['.repeat(1000)}${']'.repeat(1000)}}`).problems).toHaveLength(1);
  });

  it('never throws, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const text = `{"name":"a","version":"1","files":${json},"channel":${json},"fn":${json}}`;
        expect(parse(text).components).toHaveLength(1);
        expect(parse(json).problems).toHaveLength(1);
      }),
    );
  });
});
