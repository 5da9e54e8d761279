import type { Connector, ConnectorField, ConnectorSession } from '../connector.ts';
import { RegistryClient } from './registry-client.ts';
import { openRegistryImage } from './registry-image.ts';
import { planRegistry } from './registry-plan.ts';
import { readRegistry } from './registry-reading.ts';
import { RegistrySettings } from './registry-settings.ts';

const fields: readonly ConnectorField[] = [
  {
    name: 'address',
    label: 'Registry',
    kind: 'text',
    required: true,
    placeholder: 'registry.example:5000',
    help: 'Its host, as image names begin. http:// only on this machine, or with “Plain HTTP”.',
  },
  { name: 'username', label: 'User name', kind: 'text', required: false },
  { name: 'password', label: 'Password or token', kind: 'secret', required: false },
  {
    name: 'repositories',
    label: 'Repositories',
    kind: 'list',
    required: false,
    placeholder: 'payments/*',
    help: 'Names, * for any characters. Empty reads all that the registry lists.',
  },
  {
    name: 'tags',
    label: 'Tags',
    kind: 'list',
    required: false,
    placeholder: 'v*',
    help: 'Empty reads all. What is left out is counted.',
  },
  {
    name: 'platforms',
    label: 'Platforms',
    kind: 'list',
    required: false,
    placeholder: 'linux/amd64',
    help: 'Of images for several platforms; empty reads all.',
  },
  {
    name: 'ca',
    label: 'CA certificate',
    kind: 'multiline',
    required: false,
    help: 'Of a private authority, in PEM. It is trusted beside the public ones.',
  },
  {
    name: 'tokenHosts',
    label: 'Token hosts',
    kind: 'list',
    required: false,
    help: 'Other hosts that sign in for it: they are given the password. Public ones are known.',
  },
  {
    name: 'storageHosts',
    label: 'Storage hosts',
    kind: 'list',
    required: false,
    help: 'Other hosts it sends to for layers: they are given no password.',
  },
  { name: 'insecure', label: 'Plain HTTP', kind: 'boolean', required: false, initial: false },
];

/** A registry of container images, by the OCI distribution specification. */
export const registry: Connector<RegistrySettings> = {
  kind: 'registry',
  title: 'Container registry',
  reads: 'Repositories, tags and images of a registry, what refers to them, and their layers.',
  leastRights: [
    'pull on the repositories to be read.',
    'registry:catalog:* only where repositories are not named one by one.',
    'Wharfinger sends GET and HEAD only, and asks for tokens that can read one repository.',
  ],
  fields,
  settings: RegistrySettings,
  address: (settings) => settings.address,
  follows: false,
  test: async (context, settings) => {
    const client = new RegistryClient(settings, context);
    try {
      return await planRegistry(client, settings, context.clock);
    } finally {
      await client.close();
    }
  },
  open: async (context, settings): Promise<ConnectorSession> => {
    const client = new RegistryClient(settings, context);
    return {
      read: (sink) => readRegistry(client, settings, sink),
      openImage: (key, where) => openRegistryImage(client, where, key),
      close: () => client.close(),
    };
  },
};
