/**
 * Public registries do not answer alone: tokens come from one host and bytes from another. These
 * are the hosts that each is known to send its clients to, so that an operator need not find out.
 * A token host is given the user name and password; a storage host never is.
 */
export type KnownRegistry = {
  readonly host: string;
  /** Where its API answers, where that is another host. */
  readonly api?: string;
  readonly tokenHosts: readonly string[];
  readonly storageHosts: readonly string[];
};

const GOOGLE = ['storage.googleapis.com'];
const QUAY = ['*.quay.io', 'quayio-production-s3.s3.us-east-1.amazonaws.com'];

export const knownRegistries: readonly KnownRegistry[] = [
  {
    host: 'docker.io',
    api: 'registry-1.docker.io',
    tokenHosts: ['auth.docker.io'],
    storageHosts: [
      'production.cloudflare.docker.com',
      'production.cloudfront.docker.com',
      '*.r2.cloudflarestorage.com',
    ],
  },
  { host: 'ghcr.io', tokenHosts: [], storageHosts: ['pkg-containers.githubusercontent.com'] },
  {
    host: 'lscr.io',
    tokenHosts: ['ghcr.io'],
    storageHosts: ['pkg-containers.githubusercontent.com'],
  },
  { host: 'quay.io', tokenHosts: [], storageHosts: QUAY },
  { host: 'registry.access.redhat.com', tokenHosts: [], storageHosts: QUAY },
  { host: 'registry.redhat.io', tokenHosts: [], storageHosts: QUAY },
  { host: 'gcr.io', tokenHosts: [], storageHosts: GOOGLE },
  { host: '*.gcr.io', tokenHosts: [], storageHosts: GOOGLE },
  { host: '*.pkg.dev', tokenHosts: [], storageHosts: GOOGLE },
  {
    host: 'registry.k8s.io',
    tokenHosts: [],
    storageHosts: ['*.pkg.dev', '*.amazonaws.com', ...GOOGLE],
  },
  { host: 'mcr.microsoft.com', tokenHosts: [], storageHosts: ['*.data.mcr.microsoft.com'] },
  { host: '*.azurecr.io', tokenHosts: [], storageHosts: ['*.blob.core.windows.net'] },
  { host: 'public.ecr.aws', tokenHosts: [], storageHosts: ['*.cloudfront.net'] },
  { host: '*.amazonaws.com', tokenHosts: [], storageHosts: ['*.amazonaws.com'] },
  {
    host: 'registry.gitlab.com',
    tokenHosts: ['gitlab.com'],
    storageHosts: ['cdn.registry.gitlab-static.net', ...GOOGLE],
  },
  { host: 'nvcr.io', tokenHosts: ['authn.nvidia.com'], storageHosts: ['layers.nvcr.io'] },
];

export function findKnownRegistry(host: string): KnownRegistry | undefined {
  return knownRegistries.find(({ host: known }) =>
    known.startsWith('*.') ? host.endsWith(known.slice(1)) : host === known,
  );
}
