import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes, withFile } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { testData } from '../../../../test/harness/vectors.ts';
import { type BuiltZipEntry, buildZip } from '../../../../test/harness/zip-builder.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { javaArchive } from './java-archive.ts';

const coordinates = (findings: FileFindings): string[] =>
  (findings.components ?? []).map(({ component, inside }) => {
    const { namespace, name, version } = component;
    return `${namespace ?? ''}:${name}:${version}${inside === undefined ? '' : ` in ${inside}`}`;
  });

const scan = (name: string, entries: readonly BuiltZipEntry[]): FileFindings =>
  javaArchive.parse(viewOfBytes(`app/${name}`, buildZip(entries)));

const properties = (group: string, artifact: string, version: string): BuiltZipEntry => ({
  name: `META-INF/maven/${group}/${artifact}/pom.properties`,
  bytes: `#Generated\ngroupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
});
const manifest = (...lines: string[]): BuiltZipEntry => ({
  name: 'META-INF/MANIFEST.MF',
  bytes: `Manifest-Version: 1.0\r\n${lines.join('\r\n')}\r\n\r\n`,
});
const classes = (...names: string[]): BuiltZipEntry[] =>
  names.map((name) => ({ name: `${name}.class`, bytes: '' }));

describe('a Java archive', () => {
  it('is what its Maven properties say', () => {
    const findings = scan('netty-transport-4.1.1.Final-linux-x86_64.jar', [
      manifest('Bundle-License: Apache-2.0'),
      properties('io.netty', 'netty-transport', '4.1.1.Final'),
    ]);

    expect(findings.components).toEqual([
      {
        component: {
          type: 'maven',
          namespace: 'io.netty',
          name: 'netty-transport',
          version: '4.1.1.Final',
          qualifiers: { classifier: 'linux-x86_64' },
          licences: ['Apache-2.0'],
        },
      },
    ]);
  });

  it('into which others were merged names them apart, with what proves them', () => {
    const findings = scan('tool-1.0.jar', [
      properties('org.example', 'tool', '1.0'),
      properties('com.google.code.gson', 'gson', '2.8.9'),
    ]);

    expect(coordinates(findings)).toEqual([
      'org.example:tool:1.0',
      'com.google.code.gson:gson:2.8.9 in META-INF/maven/com.google.code.gson/gson/',
    ]);
  });

  it('that was renamed is its only Maven project', () => {
    expect(coordinates(scan('app.jar', [properties('org.example', 'shop', '3.1')]))).toEqual([
      'org.example:shop:3.1',
    ]);
  });

  it('is not the one project merged into it when its name states another version', () => {
    expect(coordinates(scan('shop-3.1.jar', [properties('org.x', 'lib', '1.0')]))).toEqual([
      ':shop:3.1',
      'org.x:lib:1.0 in META-INF/maven/org.x/lib/',
    ]);
  });

  it('takes name and version from the file name before the manifest', () => {
    const findings = scan('shop-api-2.0.jar', [
      manifest(
        'Implementation-Title: Something else',
        'Implementation-Version: 9.9',
        'Automatic-Module-Name: org.example.shop.api',
      ),
    ]);

    expect(coordinates(findings)).toEqual(['org.example:shop-api:2.0']);
  });

  it('takes the group from a file name that states it, as sbt writes it', () => {
    expect(coordinates(scan('org.apache.pekko.pekko-actor_2.13-1.0.2.jar', []))).toEqual([
      'org.apache.pekko:pekko-actor_2.13:1.0.2',
    ]);
  });

  it('takes the version from the manifest when its name has none', () => {
    expect(coordinates(scan('shop.jar', [manifest('Implementation-Version: 9.9')]))).toEqual([
      ':shop:9.9',
    ]);
    expect(coordinates(scan('shop.jar', [manifest('Created-By: nobody')]))).toEqual([]);
  });

  it('takes what properties lack from the pom.xml, or from its parent', () => {
    const pom = `<?xml version="1.0"?><!-- <groupId>no</groupId> --><project>
      <parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>7</version>
      </parent><artifactId>shop</artifactId><licenses><license><name>MIT &amp; more</name></license>
      </licenses><dependencies><dependency><groupId>other</groupId></dependency></dependencies>
      </project>`;
    const findings = scan('shop-7.jar', [{ name: 'META-INF/maven/o/shop/pom.xml', bytes: pom }]);

    expect(findings.components?.[0]?.component).toEqual({
      type: 'maven',
      namespace: 'org.example',
      name: 'shop',
      version: '7',
      licences: ['MIT & more'],
    });
  });

  it.each<[string, string, BuiltZipEntry[]]>([
    ['a well-known artifact', 'org.springframework', [...classes('org/springframework/jdbc/A')]],
    ['Ivy’s title', 'org.e', [manifest('Implementation-Title: org.e#spring-jdbcx;5')]],
    ['the vendor id', 'org.v.shop', [manifest('Implementation-Vendor-Id: org.v.shop')]],
    ['the bundle name', 'org.b', [manifest('Bundle-SymbolicName: org.b.jdbcx;singleton:=true')]],
    ['a folded line', 'org.b', [manifest('Bundle-SymbolicName: org', ' .b.jdbcx')]],
    ['a shared domain', 'org.apache.b', [manifest('Bundle-SymbolicName: org.apache.b')]],
    ['its classes', 'net.shop', classes('net/shop/a/A', 'net/shop/b/B', 'org/else/C')],
    ['classes of all versions', 'net.shop', classes('META-INF/versions/9/net/shop/A')],
  ])('without Maven files is of the group told by %s', (_, group, entries) => {
    const name = group === 'org.springframework' ? 'spring-jdbc-5.0.jar' : 'spring-jdbcx-5.0.jar';

    expect(scan(name, entries).components?.[0]?.component.namespace).toBe(group);
  });

  it('of a specification is of the group named like it', () => {
    expect(coordinates(scan('jakarta.json.bind-api-3.0.jar', []))).toEqual([
      'jakarta.json.bind:jakarta.json.bind-api:3.0',
    ]);
  });

  it('is not taken for a well-known one that merely begins alike', () => {
    const findings = scan('kafka-shop-1.0.jar', classes('org/shop/A'));

    expect(coordinates(findings)).toEqual(['org.shop:kafka-shop:1.0']);
  });

  it('of a project that moved is of the group of its version', () => {
    expect(coordinates(scan('hibernate-core-5.6.15.Final.jar', []))[0]).toMatch(/^org.hibernate:/);
    expect(coordinates(scan('hibernate-core-6.4.4.Final.jar', []))[0]).toMatch(
      /^org.hibernate.orm:/,
    );
  });

  it('of several owners’ classes has no group that could be told', () => {
    const found = scan('mix-1.0.jar', classes('org/a/A', 'org/b/B', 'org/c/C')).components?.[0];

    expect(found?.component.namespace).toBeUndefined();
  });

  it('is read through archives in it, stored or deflated, and names the way', () => {
    const library = buildZip([properties('org.x', 'lib', '1.0')]);
    const war = buildZip([{ name: 'WEB-INF/lib/lib-1.0.jar', bytes: library, stored: true }]);
    const findings = scan('all-2.ear', [{ name: 'web-3.war', bytes: war }]);

    expect(coordinates(findings)).toEqual([
      ':all:2',
      ':web:3 in web-3.war',
      'org.x:lib:1.0 in web-3.war!/WEB-INF/lib/lib-1.0.jar',
    ]);
  });

  it('that nests without end is read to a limit, and says so', () => {
    let bytes = buildZip([]);
    for (let depth = 0; depth < 40; depth += 1) bytes = buildZip([{ name: 'a.jar', bytes }]);
    const findings = javaArchive.parse(viewOfBytes('a.jar', bytes));

    expect(findings.problems).toEqual([
      `In ${Array(16).fill('a.jar').join('!/')}: Archives nested deeper than 16 are not read.`,
    ]);
  });

  it('that is broken is a problem, and named by its file name all the same', () => {
    const broken = javaArchive.parse(viewOfBytes('lib/shop-1.0.jar', Buffer.from('no zip at all')));

    expect(broken.problems).toEqual(['This is not a zip file, or its end is cut off.']);
    expect(coordinates(broken)).toEqual([':shop:1.0']);
  });

  it('of an extension that others use too is passed over unless it is a zip file', () => {
    expect(javaArchive.parse(viewOfBytes('a/photos.rar', Buffer.from('Rar!')))).toEqual({});
  });

  it('with a bomb in it says so and keeps the rest', () => {
    const bomb = buildZip([{ name: 'z.jar', bytes: Buffer.alloc(64), claims: { size: 2 ** 31 } }]);
    const findings = scan('app-1.war', [
      { name: 'bomb.jar', bytes: bomb },
      { name: 'good.jar', bytes: buildZip([properties('org.x', 'good', '1')]) },
    ]);

    expect(coordinates(findings)).toEqual([':app:1', 'org.x:good:1 in good.jar']);
    expect(findings.problems).toHaveLength(1);
    expect(findings.problems?.[0]).toMatch(/^In bomb\.jar!\/z\.jar: The zip entry /);
  });

  it('never makes the cataloguer throw, whatever its bytes are', () => {
    const seed = buildZip(
      [
        manifest('Bundle-SymbolicName: org.b.c'),
        properties('org.x', 'lib', '1.0'),
        { name: 'META-INF/maven/org.x/lib/pom.xml', bytes: '<project><a>b</a></project>' },
        { name: 'x.jar', bytes: buildZip(classes('org/a/A')), stored: true },
      ].map((entry) => ({ stored: true, ...entry })),
    );
    const change = fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) bytes[at] = value;
        const found = javaArchive.parse(viewOfBytes('lib-1.0.jar', bytes));
        expect(found.components?.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});

const VECTORS = testData('vectors', 'packages', 'java');

describeWith(['test-data'], 'Java archives written by others', () => {
  const vector = (name: string): FileFindings =>
    withFile(join(VECTORS, name), (file) => javaArchive.parse(file));

  it.each<[string, string[]]>([
    ['simple.jar', ['com.some.package:package-name:1.2.3']],
    ['no_pom_properties-2.4.0.jar', [':no_pom_properties:2.4.0']],
    ['no_pom_properties.jar', []],
    ['pom_missing_group_id.jar', [':package-name:1.2.3']],
    ['pom_missing_group_id-2.4.0.jar', [':pom_missing_group_id:2.4.0']],
    [
      'complex.jar',
      [
        'com.some.package:package-name:1.2.3',
        'com.some.anotherpackage:another-package-name:3.2.1 in BOOT-INF/lib/inner.jar',
      ],
    ],
    ['org.eclipse.sisu.inject-0.3.5.jar', ['org.eclipse.sisu:org.eclipse.sisu.inject:0.3.5']],
    ['empty.jar', []],
  ])('%s', (name, expected) => {
    expect([coordinates(vector(name)), vector(name).problems]).toEqual([expected, undefined]);
  });

  it('are read ten deep, and refused at a hundred', () => {
    expect(vector('nested_at_10.jar').problems).toBeUndefined();
    expect(coordinates(vector('nested_at_10.jar')).at(-1)).toBe(
      `com.some.package:package-name:1.2.3 in ${Array(9).fill('nested.jar').join('!/')}`,
    );
    expect(vector('nested_at_100.jar').problems?.[0]).toContain('deeper than 16');
  });

  it('that are none are problems', () => {
    expect(vector('invalid_jar.jar').problems).toHaveLength(1);
  });
});

/** Repositories whose paths state group, artifact and version: Maven's own, and Debian's. */
const REPOSITORIES = [join(homedir(), '.m2/repository'), '/usr/share/maven-repo'];
const JARS_MAX = 3000;

type RepositoryJar = { readonly path: string; readonly stated: string };

function listJars(repository: string): RepositoryJar[] {
  const names = readFolder(repository).filter((name) => name.endsWith('.jar'));
  return names.slice(0, JARS_MAX).flatMap((name) => {
    const parts = name.split('/');
    const [artifact, version, file] = parts.slice(-3);
    // Debian also links each jar under a made-up version: `debian`, `3.x`.
    if (file !== `${artifact}-${version}.jar` || version?.endsWith('.x')) return [];
    if (version === 'debian') return [];
    const stated = `${parts.slice(0, -3).join('.')}:${artifact}:${version}`;
    return [{ path: join(repository, name), stated }];
  });
}

/** Files below a folder; linked folders are not entered, as a link may lead back up. */
function readFolder(folder: string, prefix = '', depth = 0): string[] {
  if (depth > 20 || !existsSync(join(folder, prefix))) return [];
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = join(prefix, entry.name);
    return entry.isDirectory() ? readFolder(folder, name, depth + 1) : [name];
  });
}

const JARS = REPOSITORIES.flatMap(listJars);

describeWith(['maven-repository'], 'the jars of a local Maven repository', () => {
  it('are named as their place in it says: name and version always, group 7 in 8', () => {
    const wrong: string[] = [];
    let groups = 0;
    for (const { path, stated } of JARS) {
      const [own = ''] = withFile(path, (file) => coordinates(javaArchive.parse(file)));
      if (own.split(':').slice(1).join(':') !== stated.split(':').slice(1).join(':')) {
        wrong.push(`${own} is ${stated}`);
      }
      if (own === stated) groups += 1;
    }

    // A few archives carry the Maven files of another build of themselves.
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(JARS.length / 50);
    expect(groups / JARS.length).toBeGreaterThanOrEqual(7 / 8);
  });
});
