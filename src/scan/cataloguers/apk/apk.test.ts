import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { testData } from '../../../../test/harness/vectors.ts';
import { apk } from './apk.ts';

const parse = (content: string | Uint8Array) =>
  apk.parse(
    viewOfBytes(
      'lib/apk/db/installed',
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ),
  );

const musl = [
  'C:Q1abc=',
  'P:musl',
  'V:1.2.4-r2',
  'A:x86_64',
  'S:1',
  'T:the musl c library',
  'L:MIT AND BSD-2-Clause',
  'o:musl-origin',
  'm:Someone <a@example.org>',
  'D:so:libc',
  'F:lib',
  'R:ld-musl-x86_64.so.1',
  'a:0:0:755',
  'Z:Q1x=',
  'R:ä b',
  'F:usr',
  'F:usr/bin',
  'M:0:0:755',
  'R:ldd',
  '',
  '',
].join('\n');

describe('what apk files are read', () => {
  it.each(['lib/apk/db/installed', 'usr/lib/apk/db/installed', 'var/lib/apk/db/installed'])(
    'reads %s',
    (path) => expect(apk.wants?.(path, 1)).toBe(true),
  );
  it.each(['lib/apk/db/scripts.tar', 'opt/root/lib/apk/db/installed', 'lib/apk/db/installed2'])(
    'leaves %s',
    (path) => expect(apk.wants?.(path, 1)).toBe(false),
  );
});

describe('an apk installed database', () => {
  it('yields name, version, architecture, licence, origin and files', () => {
    expect(parse(musl)).toEqual({
      components: [
        {
          key: 'apk:musl',
          component: {
            type: 'apk',
            name: 'musl',
            version: '1.2.4-r2',
            qualifiers: { arch: 'x86_64' },
            licences: ['MIT AND BSD-2-Clause'],
            source: { name: 'musl-origin', version: '' },
          },
        },
      ],
      ownerships: [{ by: 'apk:musl', paths: 'lib/ld-musl-x86_64.so.1\nlib/ä b\nusr/bin/ldd' }],
    });
  });

  it('leaves out what is not stated', () => {
    expect(parse('P:a\nV:1\n')).toEqual({
      components: [{ key: 'apk:a', component: { type: 'apk', name: 'a', version: '1' } }],
      ownerships: [],
    });
  });

  it('places a file of the root folder at the root', () => {
    expect(parse('P:a\nV:1\nF:\nR:init\nF:/etc\nR:b\n').ownerships).toEqual([
      { by: 'apk:a', paths: 'init\netc/b' },
    ]);
  });

  it('never lets a folder reach into the next package', () => {
    const text = 'P:a\nV:1\nF:etc\nR:x\n\nP:b\nV:2\nR:y\n';
    expect(parse(text).ownerships?.map((ownership) => ownership.paths)).toEqual(['etc/x', 'y']);
  });

  it('tells letters apart by their case', () => {
    const [found] = parse('P:a\np:so:b=1\nV:1\nr:c\nl:no\nL:MIT\n').components ?? [];
    expect(found?.component).toEqual({ type: 'apk', name: 'a', version: '1', licences: ['MIT'] });
  });

  it('keeps the packages around a broken one, and says which one is broken', () => {
    const { components, problems } = parse('P:a\nV:1\nwhat\n\nV:2\n\n\nP:c\n\nP:d\nV:4');
    expect(components?.map((found) => found.component.name)).toEqual(['a', 'd']);
    expect(problems).toEqual([
      'Package 1 has a line that is not a field.',
      'Package 2 has no name (P:) that could be one.',
      'Package 3 has no version (V:) that could be one.',
    ]);
  });

  it('refuses a value no real package has', () => {
    expect(parse(`P:${'a'.repeat(5000)}\nV:1\n`).problems).toEqual([
      'Package 1 has a field that is too long to be one.',
      'Package 1 has no name (P:) that could be one.',
    ]);
  });

  it.each(['P:a b\nV:1', 'P:a\nV:\u001b[2J', 'P:\u202ea\nV:1'])(
    'takes no name or version that could steer a terminal or mislead a reader (%j)',
    (text) => {
      const { components, problems } = parse(text);
      expect(components).toEqual([]);
      expect(problems).toHaveLength(1);
    },
  );

  it('never claims all below a folder, which a slash at the end would mean', () => {
    const { ownerships } = parse('P:a\nV:1\nF:usr/\nR:\nR:x/\nR:y\n');
    expect(ownerships).toEqual([{ by: 'apk:a', paths: 'usr/y' }]);
  });

  it('cuts file lists that would grow far beyond the database', () => {
    const files = 'R:a\n'.repeat(100_000);
    const { ownerships, problems } = parse(`P:a\nV:1\nF:${'d/'.repeat(2000)}\n${files}`);
    expect(ownerships?.[0]?.paths.length).toBeLessThan(1_000_000);
    expect(problems).toEqual(['The file list of package 1 is too long to keep whole.']);
  });

  it('leaves out a path longer than Linux allows', () => {
    const { ownerships, problems } = parse(`P:a\nV:1\nF:${'d'.repeat(5000)}\nR:a\nF:e\nR:b\n`);
    expect(ownerships?.[0]?.paths).toBe('e/b');
    expect(problems).toHaveLength(1);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(parse(bytes).components?.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it('never loses the package behind one with changed bytes', () => {
    const change = fc.record({
      at: fc.nat(musl.length - 3),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(`${musl}P:last\nV:9\nF:x\nR:y\n`);
        for (const { at, byte } of changes) bytes[at] = byte;
        const { components = [], ownerships = [], problems = [] } = parse(bytes);
        expect(components.at(-1)?.component).toEqual({ type: 'apk', name: 'last', version: '9' });
        expect(ownerships.at(-1)).toEqual({ by: 'apk:last', paths: 'x/y' });
        for (const problem of problems) expect(problem).toMatch(/^[\x20-\x7e]+\.$/);
      }),
    );
  });
});

/**
 * A second reader of the format, written from its description and sharing nothing with the
 * cataloguer: each package is a paragraph, each line a letter and a value, a file belongs to the
 * folder named last before it.
 */
function readByTheBook(text: string): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split(/\n\n+/).filter((part) => part.trim() !== '')) {
    const pairs = paragraph.split('\n').map((line) => /^(.):(.*)$/.exec(line));
    const value = (letter: string) => pairs.findLast((pair) => pair?.[1] === letter)?.[2] ?? '-';
    lines.push(['P', 'V', 'A', 'o', 'L'].map(value).join(' | '));
    let folder = '';
    for (const pair of pairs) {
      if (pair?.[1] === 'F') folder = pair[2] ?? '';
      if (pair?.[1] === 'R') lines.push(`${value('P')} owns ${folder}/${pair[2]}`);
    }
  }
  return lines.sort();
}

const vectors = testData('vectors', 'packages', 'apk');

describeWith(['test-data'], 'against a second reader of the same database', () => {
  it.each(['installed', 'single', 'different-arch', 'no-origin'])('%s', (name) => {
    const text = readFileSync(`${vectors}/${name}`, 'utf8');
    const { components = [], ownerships = [], problems } = parse(text);
    const found = [
      ...components.map(({ component: { name, version, qualifiers, source, licences } }) =>
        [
          name,
          version,
          qualifiers?.['arch'] ?? '-',
          source?.name ?? '-',
          licences?.[0] ?? '-',
        ].join(' | '),
      ),
      ...ownerships.flatMap(({ by, paths }) =>
        paths.split('\n').map((path) => `${by.slice('apk:'.length)} owns ${path}`),
      ),
    ];
    expect(found.sort()).toEqual(readByTheBook(text));
    expect(components.length).toBeGreaterThan(0);
    expect(problems).toBeUndefined();
  });

  it('and a file of another kind holds no package', () => {
    const { components, problems } = parse(readFileSync(`${vectors}/invalid`));
    expect(components).toEqual([]);
    expect(problems?.length).toBeGreaterThan(0);
  });
});
