/** A real program or file that suites run against. */
export type Part = {
  readonly part: string;
  /** A command to look for on the PATH, or a file (a path that begins with a slash). */
  readonly find: string;
  /** Debian's package that has it; without one the part is brought by other means. */
  readonly debian?: string;
  /** What to do where there is no Debian, or Debian lacks it. */
  readonly otherwise?: string;
  readonly why: string;
};

/**
 * Every part that a suite may ask for by name with `describeWith`. `npm test` as root on Debian
 * installs the packages of those it does not find.
 */
export const parts = [
  {
    part: 'dockerd',
    find: 'dockerd',
    debian: 'docker.io',
    why: 'a real Docker Engine to observe',
  },
  {
    part: 'docker-registry',
    find: 'docker-registry',
    debian: 'docker-registry',
    why: 'a real registry to catalogue from',
  },
  {
    part: 'skopeo',
    find: 'skopeo',
    debian: 'skopeo',
    why: 'copies images between kinds of places',
  },
  { part: 'umoci', find: 'umoci', debian: 'umoci', why: 'unpacks images: an oracle of the fold' },
  {
    part: 'mmdebstrap',
    find: 'mmdebstrap',
    debian: 'mmdebstrap',
    why: 'makes real Debian images',
  },
  { part: 'dpkg-query', find: 'dpkg-query', debian: 'dpkg', why: 'the oracle of Debian packages' },
  { part: 'rpm', find: 'rpm', debian: 'rpm', why: 'the oracle of RPM databases' },
  { part: 'chromium', find: 'chromium', debian: 'chromium', why: 'the console in a real browser' },
  {
    part: 'fonts',
    find: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
    debian: 'fonts-dejavu-core',
    why: 'text in pictures of the console',
  },
  {
    part: 'busybox',
    find: 'busybox',
    debian: 'busybox-static',
    why: 'the one program of the smallest image',
  },
  { part: 'openssl', find: 'openssl', debian: 'openssl', why: 'certificates for TLS in tests' },
  { part: 'git', find: 'git', debian: 'git', why: 'the files of a clone' },
  { part: 'zstd', find: 'zstd', debian: 'zstd', why: 'layers compressed by another program' },
  { part: 'xz', find: 'xz', debian: 'xz-utils', why: 'packages compressed by another program' },
  { part: 'python3', find: 'python3', debian: 'python3', why: 'the oracle of Python packages' },
  { part: 'pip3', find: 'pip3', debian: 'python3-pip', why: 'the oracle of Python packages' },
  { part: 'gem', find: 'gem', debian: 'ruby', why: 'the oracle of Ruby gems' },
  {
    part: 'python3-venv',
    find: '/usr/share/doc/python3-venv',
    debian: 'python3-venv',
    why: 'a fresh environment of Python packages',
  },
  { part: 'rpmbuild', find: 'rpmbuild', debian: 'rpm', why: 'makes RPM packages to install' },
  { part: 'composer', find: 'composer', debian: 'composer', why: 'the oracle of PHP packages' },
  { part: 'npm', find: 'npm', otherwise: 'install npm', why: 'the oracle of npm packages' },
  {
    part: 'npm-registry',
    find: 'npm',
    otherwise: 'needs a network',
    why: 'a fresh install of real packages',
  },
  {
    part: 'other-postgres',
    find: '/usr/lib/postgresql/15/bin/postgres',
    debian: 'postgresql-15',
    why: 'a PostgreSQL of another major version to back up from and to',
  },
  {
    part: 'test-data',
    find: 'vectors',
    otherwise: 'put it beside the clone as ../shared, or set WHARFINGER_TESTDATA',
    why: 'cases written by others, never copied in',
  },
  {
    part: 'root',
    find: 'root',
    otherwise: 'run as root',
    why: 'rights that only root can give up',
  },
  { part: 'go', find: 'go', otherwise: 'install Go 1.24 or newer', why: 'real Go programs' },
  { part: 'jar', find: 'jar', otherwise: 'install a JDK', why: 'real Java archives' },
  {
    part: 'maven-repository',
    find: '/usr/share/maven-repo',
    otherwise: 'install Debian’s maven, whose libraries lie there',
    why: 'real Java archives at paths that state what they are',
  },
  {
    part: 'kube-apiserver',
    find: 'kube-apiserver',
    otherwise: 'build it where Go is at hand and put it on the PATH',
    why: 'a real Kubernetes API',
  },
  {
    part: 'referrers-registry',
    find: 'referrers-registry',
    otherwise: 'build it where Go is at hand and put it on the PATH or in WHARFINGER_PEERS',
    why: 'a registry with the referrers API',
  },
  {
    part: 'registry-v3',
    find: 'registry-v3',
    otherwise: 'build it where Go is at hand and put it on the PATH or in WHARFINGER_PEERS',
    why: 'a registry of today',
  },
  { part: 'trivy', find: 'trivy', otherwise: 'put it on the PATH', why: 'a peer to compare with' },
  { part: 'syft', find: 'syft', otherwise: 'put it on the PATH', why: 'a peer to compare with' },
] as const satisfies readonly Part[];

export type PartName = (typeof parts)[number]['part'];
