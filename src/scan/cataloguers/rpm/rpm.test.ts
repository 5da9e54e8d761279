import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import {
  berkeleyDatabase,
  type HeaderFields,
  ndbDatabase,
  rpmHeader,
} from '../../../../test/harness/rpm-database-builder.ts';
import { rpm } from './rpm.ts';

const DATABASE = 'var/lib/rpm/rpmdb.sqlite';
const MANIFEST = 'var/lib/rpmmanifest/container-manifest-2';

const parse = (bytes: Uint8Array, path = DATABASE) => rpm.parse(viewOfBytes(path, bytes));
const namesOf = (findings: ReturnType<typeof parse>) =>
  findings.components?.map((found) => found.component.name);

type SqliteOptions = { readonly pageBytes?: number; readonly before?: string };

/** Written by SQLite itself. */
function sqliteDatabase(headers: readonly Buffer[], options: SqliteOptions = {}): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-rpm-'));
  try {
    const name = join(folder, 'rpmdb.sqlite');
    const database = new DatabaseSync(name);
    database.exec(`PRAGMA page_size = ${options.pageBytes ?? 4096}; PRAGMA journal_mode = DELETE;`);
    database.exec(options.before ?? '');
    database.exec(
      "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)",
    );
    database.exec('BEGIN');
    const insert = database.prepare('INSERT INTO Packages (blob) VALUES (?)');
    for (const header of headers) insert.run(header);
    database.exec('COMMIT');
    database.close();
    return readFileSync(name);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bash: HeaderFields = {
  name: 'bash',
  version: '5.1.8',
  release: '6.el9',
  epoch: 1,
  arch: 'x86_64',
  sourceRpm: 'bash-src-5.1.7-5.el9.src.rpm',
  licence: 'GPLv3+',
  files: ['/usr/bin/bash', '/usr/bin/sh', '/etc/skel/.bashrc', '/init', '/usr/share/ä b'],
};

const container = {
  sqlite: (headers: readonly Buffer[]) => sqliteDatabase(headers),
  ndb: (headers: readonly Buffer[]) => ndbDatabase(headers),
  berkeley: (headers: readonly Buffer[]) => berkeleyDatabase(headers),
};
const containers = Object.entries(container);

describe('what RPM files are read', () => {
  it.each([
    'var/lib/rpm/Packages',
    'var/lib/rpm/rpmdb.sqlite',
    'usr/lib/sysimage/rpm/Packages.db',
    'usr/share/rpm/rpmdb.sqlite',
    MANIFEST,
  ])('reads %s', (path) => expect(rpm.wants?.(path, 1)).toBe(true));

  it.each([
    'var/lib/rpm/Basenames',
    'var/lib/rpm/rpmdb.sqlite-shm',
    'opt/var/lib/rpm/Packages',
    'usr/lib/rpm/rpmdb.sqlite',
    'var/lib/rpmmanifest/container-manifest-1',
  ])('leaves %s', (path) => expect(rpm.wants?.(path, 1)).toBe(false));

  it('says that changes are missing where a write-ahead log was left with some', () => {
    const log = 'var/lib/rpm/rpmdb.sqlite-wal';
    expect(rpm.wants?.(log, 0)).toBe(false);
    expect(rpm.wants?.(log, 32)).toBe(true);
    expect(parse(Buffer.alloc(32), log)).toEqual({
      problems: [
        'The RPM database was not closed: changes that are only in this write-ahead log are missing.',
      ],
    });
  });
});

describe.each(containers)('an RPM database in %s', (_kind, build) => {
  it('yields name, version-release, epoch, architecture, licence, source and files', () => {
    expect(parse(build([rpmHeader(bash)]))).toEqual({
      components: [
        {
          key: 'rpm:bash:x86_64:1:5.1.8-6.el9',
          component: {
            type: 'rpm',
            name: 'bash',
            version: '5.1.8-6.el9',
            qualifiers: { arch: 'x86_64', epoch: '1' },
            licences: ['GPLv3+'],
            source: { name: 'bash-src', version: '5.1.7-5.el9' },
          },
        },
      ],
      ownerships: [
        {
          by: 'rpm:bash:x86_64:1:5.1.8-6.el9',
          paths: 'usr/bin/bash\nusr/bin/sh\netc/skel/.bashrc\ninit\nusr/share/ä b',
        },
      ],
    });
  });

  it('yields headers of every length: inline, on one page more, over many', () => {
    const lengths = [0, 100, 900, 3900, 3990, 4020, 4040, 4060, 4100, 8100, 8200, 100_000];
    const headers = lengths.map((length, index) =>
      rpmHeader({ name: `p${index}`, version: '1', release: '1', licence: 'x'.repeat(length) }),
    );
    const findings = parse(build(headers));
    expect(namesOf(findings)?.sort()).toEqual(lengths.map((_, index) => `p${index}`).sort());
    expect(findings.problems).toBeUndefined();
  });

  it('keeps the packages around a record that is no header', () => {
    const sound = (name: string) => rpmHeader({ name, version: '1', release: '1' });
    const findings = parse(build([sound('a'), Buffer.from('not a header'), sound('c')]));
    expect(namesOf(findings)).toEqual(['a', 'c']);
    expect(findings.problems).toEqual(['A record of the database is not a package header.']);
  });

  it('reads a file that is lent in ranges just so', () => {
    const headers = [1, 2, 3].map((number) =>
      rpmHeader({ name: `p${number}`, version: '1', licence: 'x'.repeat(5000 * number) }),
    );
    const bytes = build(headers);
    const lender = { ...viewOfBytes(DATABASE, bytes), read: lendingReader(bytes) };
    expect(namesOf(rpm.parse(lender))?.sort()).toEqual(['p1', 'p2', 'p3']);
  });

  it('never throws, nor yields more than it holds, when bytes are changed or cut off', () => {
    const headers = [bash, { ...bash, name: 'long', licence: 'x'.repeat(6000) }].map(rpmHeader);
    const whole = build(headers);
    const change = fc.record({
      // Heads of pages and records are where it hurts.
      at: fc.oneof(fc.nat(whole.length - 1), fc.nat(200), fc.integer({ min: 4096, max: 4400 })),
      byte: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 })),
    });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 12 }),
        fc.option(fc.nat(whole.length)),
        (changes, length) => {
          const bytes = Buffer.from(whole);
          for (const { at, byte } of changes) bytes[at] = byte;
          const { components = [], problems = [] } = parse(bytes.subarray(0, length ?? undefined));
          expect(components.length).toBeLessThanOrEqual(1000);
          for (const problem of problems) expect(problem).toMatch(/^[A-Z][\x20-\x7e]+\.$/);
        },
      ),
      { numRuns: 400 },
    );
  });
});

/** Each read overwrites the last one's bytes, as the contract allows. */
function lendingReader(bytes: Uint8Array) {
  const lent = Buffer.alloc(1 << 20);
  return (offset: number, length: number) => {
    lent.fill(0xee);
    const part = bytes.subarray(offset, offset + length);
    lent.set(part);
    return lent.subarray(0, part.length);
  };
}

describe('a package header', () => {
  const componentOf = (fields: HeaderFields) =>
    parse(ndbDatabase([rpmHeader(fields)])).components?.[0]?.component;

  it('with epoch 0 is written as one without', () => {
    expect(componentOf({ name: 'a', version: '1', release: '2', epoch: 0 })).toEqual({
      type: 'rpm',
      name: 'a',
      version: '1-2',
    });
  });

  it('of an imported signing key is no component', () => {
    const key = rpmHeader({ name: 'gpg-pubkey', version: 'fd431d51', release: '4ae0493b' });
    expect(parse(ndbDatabase([key]))).toEqual({ components: [], ownerships: [] });
  });

  it('without a name or version is a problem', () => {
    expect(parse(ndbDatabase([rpmHeader({ name: 'a' })])).problems).toEqual([
      'A package header states no name or no version that could be one.',
    ]);
  });

  it.each([
    { name: 'a b', version: '1' },
    { name: 'a', version: '\u001b[2J', release: '1' },
  ])('takes no name or version that could steer a terminal or mislead a reader', (fields) => {
    expect(parse(ndbDatabase([rpmHeader(fields)]))).toMatchObject({
      components: [],
      problems: ['A package header states no name or no version that could be one.'],
    });
  });

  it.each([
    ['kernel-5.14.0-1.el9.src.rpm', { name: 'kernel', version: '5.14.0-1.el9' }],
    ['a-b-c-1-2.nosrc.rpm', { name: 'a-b-c', version: '1-2' }],
    ['(none)', undefined],
    ['x.src.rpm', undefined],
    ['x-1.src.rpm', undefined],
    ['-1-2.src.rpm', undefined],
    ['a\u001b[2J-1-2.src.rpm', undefined],
  ])('built from %s has its source', (sourceRpm, source) => {
    expect(componentOf({ name: 'a', version: '1', sourceRpm })?.source).toEqual(source);
  });

  it('of rpm 3 lists whole paths', () => {
    const header = rpmHeader({ name: 'a', version: '1', oldFiles: ['/usr/bin/a', '/etc/a'] });
    expect(parse(ndbDatabase([header])).ownerships?.[0]?.paths).toBe('usr/bin/a\netc/a');
  });

  it('whose file list would grow far beyond it is cut', () => {
    const folder = `/${'d'.repeat(4000)}`;
    const files = Array.from({ length: 5000 }, (_, index) => `${folder}/${index}`);
    const findings = parse(ndbDatabase([rpmHeader({ name: 'a', version: '1', files })]));
    expect(findings.ownerships?.[0]?.paths.length).toBeLessThan(200_000);
    expect(findings.problems).toEqual(['The file list of a package is too long to keep whole.']);
  });

  it('never throws, whatever its bytes', () => {
    const word = fc.oneof(fc.constantFrom(0, 1, 4, 6, 8, 1000, 1116, 1117, 1118), fc.nat());
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const bytes = Buffer.alloc(4 * words.length);
        words.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
        const { components = [], problems = [] } = parse(ndbDatabase([bytes]));
        expect(components.length + problems.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('an SQLite database', () => {
  const many = Array.from({ length: 3000 }, (_, index) =>
    rpmHeader({ name: `p${index}`, version: '1', licence: 'x'.repeat(index % 700) }),
  );

  it.each([512, 1024, 4096, 65_536])(
    'with pages of %d bytes is read to the last row',
    (pageBytes) => {
      const findings = parse(sqliteDatabase(many, { pageBytes }));
      expect(namesOf(findings)).toEqual(many.map((_, index) => `p${index}`));
      expect(findings.problems).toBeUndefined();
    },
  );

  it('may have a schema over many pages', () => {
    const before = Array.from(
      { length: 300 },
      (_, index) => `CREATE TABLE t${index} (${'a'.repeat(500)} TEXT);`,
    ).join('');
    expect(namesOf(parse(sqliteDatabase([rpmHeader(bash)], { before })))).toEqual(['bash']);
  });

  it('without the table says so', () => {
    const bytes = sqliteDatabase([]);
    bytes.write('Backages', bytes.indexOf('Packages'));
    expect(parse(bytes).problems).toEqual(['The database has no table Packages.']);
  });

  it('whose pages form a loop is read once', () => {
    const bytes = sqliteDatabase(many);
    // The root of Packages is an interior page: let its right-most child be itself.
    const root = [...Array(bytes.length / 4096).keys()].find((page) => bytes[page * 4096] === 5);
    bytes.writeUInt32BE((root ?? 0) + 1, (root ?? 0) * 4096 + 8);
    const { components = [], problems } = parse(bytes);
    expect(components.length).toBeGreaterThan(2000);
    expect(problems).toEqual([`Page ${(root ?? 0) + 1} is linked to twice.`]);
  });

  it('whose cells share bytes yields no more than the file holds', () => {
    const bytes = sqliteDatabase([rpmHeader({ ...bash, licence: 'x'.repeat(3000) })]);
    const start = Math.floor(bytes.indexOf('xxxx') / 4096) * 4096;
    const place = bytes.readUInt16BE(start + 8);
    bytes.writeUInt16BE(300, start + 3);
    for (let cell = 0; cell < 300; cell += 1) bytes.writeUInt16BE(place, start + 8 + 2 * cell);
    const { components = [], problems = [] } = parse(bytes);
    expect(components.length).toBeGreaterThan(1);
    expect(components.length).toBeLessThanOrEqual(bytes.length / 3000);
    expect(problems.length).toBeGreaterThan(0);
  });

  it.each([
    [0, 0],
    [3, 232],
    [255, 255],
  ])('that states an impossible page size (%d, %d) is refused', (high, low) => {
    const bytes = sqliteDatabase([]);
    bytes[16] = high;
    bytes[17] = low;
    expect(parse(bytes).problems?.[0]).toMatch(/page size of \d+ bytes, which cannot be/);
  });
});

describe('an NDB database', () => {
  it('may have free slots', () => {
    const headers = [undefined, rpmHeader(bash), undefined];
    expect(namesOf(parse(ndbDatabase(headers)))).toEqual(['bash']);
  });

  it('that claims more slot pages than it has is refused', () => {
    const bytes = ndbDatabase([rpmHeader(bash)]);
    bytes.writeUInt32LE(50, 12);
    expect(parse(bytes).problems).toEqual(['The database claims more slot pages than it has.']);
  });

  it('whose slots share a blob yields no more than the file holds', () => {
    const bytes = ndbDatabase([rpmHeader({ ...bash, licence: 'x'.repeat(4000) })]);
    for (let at = 48; at < 4096; at += 16) bytes.copy(bytes, at, 32, 48);
    const { components = [], problems = [] } = parse(bytes);
    expect(components.length).toBeLessThanOrEqual(2);
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe('a Berkeley database', () => {
  const headers = [bash, { ...bash, name: 'zsh', licence: 'x'.repeat(9000) }].map(rpmHeader);

  it.each([false, true])('is read in either byte order (big-endian: %s)', (isBigEndian) => {
    const findings = parse(berkeleyDatabase(headers, { isBigEndian, pageBytes: 1024 }));
    expect(namesOf(findings)).toEqual(['bash', 'zsh']);
    expect(findings.problems).toBeUndefined();
  });

  it('whose overflow pages form a loop is given up at the stated length', () => {
    const bytes = berkeleyDatabase(headers);
    bytes.writeUInt32LE(3, 3 * 4096 + 16);
    bytes.writeUInt16LE(0, 3 * 4096 + 22);
    const findings = parse(bytes);
    expect(namesOf(findings)).toEqual(['bash']);
    expect(findings.problems).toEqual(['Item 5 of page 1 is damaged.']);
  });

  it('that is encrypted says so', () => {
    const bytes = berkeleyDatabase(headers);
    bytes[24] = 1;
    expect(parse(bytes).problems).toEqual(['The database is encrypted.']);
  });
});

describe('a file of another kind', () => {
  it.each([0, 10, 600])('(%d bytes) in the place of a database is a problem', (length) => {
    expect(parse(Buffer.alloc(length, 7))).toEqual({
      components: [],
      ownerships: [],
      problems: ['The file is not an RPM database of a known kind.'],
    });
  });
});

describe("Azure Linux's container manifest", () => {
  const line =
    'openssl\t1.1.1k-7.cm2\t1626\t1625\tMicrosoft Corporation\t(none)\t1\tx86_64\t3\topenssl-1.1.1k-7.cm2.src.rpm';
  const parseManifest = (text: string) => parse(new TextEncoder().encode(text), MANIFEST);

  it('yields a package a line', () => {
    expect(parseManifest(`${line}\n\n`).components).toEqual([
      {
        key: 'rpm:openssl:x86_64:3:1.1.1k-7.cm2',
        component: {
          type: 'rpm',
          name: 'openssl',
          version: '1.1.1k-7.cm2',
          qualifiers: { arch: 'x86_64', epoch: '3' },
          source: { name: 'openssl', version: '1.1.1k-7.cm2' },
        },
      },
    ]);
  });

  it('keeps the packages around a line of another shape', () => {
    const findings = parseManifest(`${line}\nnonsense\na\tb\tc\td\te\tf\tg\th\n${line}`);
    expect(findings.components).toHaveLength(2);
    expect(findings.problems).toEqual([
      'Line 2 does not describe a package.',
      'Line 3 does not describe a package.',
    ]);
  });

  it('never throws, whatever the bytes', () => {
    const piece = fc.constantFrom('a', '-', '\t', '\n', '(none)', '9', '.src.rpm');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const { components = [] } = parseManifest(pieces.join(''));
        for (const { component } of components) expect(component.name).not.toBe('');
      }),
    );
  });
});
