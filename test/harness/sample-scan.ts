import { buildPurl } from '../../src/formats/purl.ts';
import type {
  Catalogue,
  CataloguedComponent,
  ImageFacts,
  ScannedImage,
} from '../../src/model/catalogue.ts';

type Given = Omit<CataloguedComponent, 'purl'>;

const catalogued = (given: Given): CataloguedComponent => ({ ...given, purl: buildPurl(given) });
const digest = (pair: string): string => `sha256:${pair.repeat(32)}`;

const os = {
  id: 'debian',
  versionId: '12',
  name: 'Debian GNU/Linux 12 (bookworm)',
  idLike: ['debian', 'gnu'],
  codename: 'bookworm',
};

const distribution = { arch: 'amd64', distro: 'debian-12' };

const image: ImageFacts = {
  manifestDigest: digest('a1'),
  configDigest: digest('a2'),
  indexDigest: digest('a3'),
  platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  created: '2026-03-04T05:06:07Z',
  author: 'Ada <ada@example.org>',
  user: '1000',
  entrypoint: ['/bin/sh', '-c', 'exec "$@"'],
  command: ['serve', ''],
  exposedPorts: ['443/tcp', '80/tcp'],
  labels: { 'org.opencontainers.image.source': 'https://example.org/x', empty: '' },
  tags: ['registry.example/team/app:1.2', 'app:latest'],
  size: 1234,
};

const components: readonly Given[] = [
  {
    type: 'deb',
    namespace: 'debian',
    name: 'libstdc++6',
    version: '1:12.2.0-14+deb12u1',
    qualifiers: distribution,
    licences: ['GPL-3.0-only WITH GCC-exception-3.1', 'LGPL-2.1-or-later', 'Some licence & more'],
    source: { name: 'gcc-12', version: '' },
    locations: [
      { path: 'var/lib/dpkg/status', layer: 0, cataloguer: 'dpkg' },
      { path: 'var/lib/dpkg/status.d/x y', layer: 1, cataloguer: 'dpkg' },
    ],
  },
  {
    type: 'pypi',
    name: 'Zope_Interface',
    version: '5.0',
    licences: ['MIT OR Apache-2.0'],
    ownedBy: 'pkg:deb/debian/python3-zope@5.0-1?arch=amd64&distro=debian-12',
    locations: [{ path: 'usr/lib/python3/dist-info/METADATA', layer: 0, cataloguer: 'python' }],
  },
  {
    type: 'npm',
    namespace: '@babel',
    name: 'core',
    version: '7.0.0',
    licences: ['MIT'],
    locations: [{ path: 'app/node_modules/@babel/core/package.json', layer: 1, cataloguer: 'npm' }],
  },
  {
    type: 'maven',
    namespace: 'org.apache.commons',
    name: 'commons-io',
    version: '2.1',
    qualifiers: { classifier: 'sources' },
    licences: ['The Apache Licence'],
    source: { name: 'commons', version: '9' },
    locations: [{ path: 'app.war!/WEB-INF/lib/io.jar', layer: 1, cataloguer: 'java' }],
  },
  {
    type: 'generic',
    name: 'busybox',
    version: '',
    licences: ['LicenseRef-odd'],
    locations: [{ path: 'bin/busybox', layer: 0, cataloguer: 'binary' }],
  },
  {
    type: 'golang',
    namespace: 'github.com/BurntSushi',
    name: 'toml',
    version: 'v1.2.1',
    locations: [{ path: 'usr/bin/x', layer: 1, cataloguer: 'go-binary' }],
  },
];

const catalogue: Catalogue = {
  os,
  layers: [
    {
      diffId: digest('b1'),
      digest: digest('b2'),
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      size: 99,
      createdBy: 'ADD rootfs /',
    },
    { diffId: digest('b3'), size: 7 },
  ],
  components: components.map(catalogued),
  declared: [
    catalogued({
      type: 'npm',
      name: 'left-pad',
      version: '1.3.0',
      locations: [{ path: 'app/package-lock.json', layer: 1, cataloguer: 'npm-lock' }],
    }),
  ],
  executables: { total: 9, unexplained: 2, unexplainedPaths: ['opt/a', 'opt/b c'] },
  problems: [
    { path: 'var/lib/dpkg/status', layer: 0, message: 'Stanza 3 has no Version field.' },
    { path: 'usr/x.jar', message: 'The zip is cut off.' },
  ],
  cataloguers: ['dpkg@1', 'npm@2'],
};

/** One image with something of everything an SBOM has to carry. */
export const SAMPLE_SCAN: ScannedImage = { image, catalogue };

/** A folder without anything: no layers' digests, no operating system, no name. */
export const EMPTY_SCAN: ScannedImage = {
  image: {
    platform: { os: 'unknown', architecture: 'unknown' },
    entrypoint: [],
    command: [],
    exposedPorts: [],
    labels: {},
    tags: [],
    size: 0,
  },
  catalogue: {
    layers: [],
    components: [],
    declared: [],
    executables: { total: 0, unexplained: 0, unexplainedPaths: [] },
    problems: [],
    cataloguers: [],
  },
};
