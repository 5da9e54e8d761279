import { isIP } from 'node:net';
import { z } from 'zod';
import { DOCKER_HUB } from '../../formats/image-reference.ts';
import { findKnownRegistry } from './known-registries.ts';

const ITEMS_MAX = 1000;
const pattern = z
  .string()
  .max(300)
  .regex(/^[\w./*-]+$/, 'Use names, with * for any characters.');
const platform = z
  .string()
  .max(100)
  .regex(/^[\w.-]+\/[\w.-]+(\/[\w.-]+)?$/, 'Write OS/ARCH, as in linux/arm64.');
const listedHost = z
  .string()
  .max(300)
  .regex(/^(https?:\/\/|\*\.)?[\w.-]+(:\d{1,5})?$/, 'Give a host name, as in auth.example.');

/** A form sends one text with an entry a line; a program sends a list. */
const listOf = <T extends z.ZodType<string, string>>(item: T) =>
  z
    .preprocess(
      (given) =>
        typeof given === 'string' ? given.split(/[\s,]+/).filter((word) => word !== '') : given,
      z.array(item).max(ITEMS_MAX),
    )
    .optional();
const optionalText = z
  .string()
  .max(10_000)
  .optional()
  .transform((given) => (given === '' ? undefined : given));

/** Where a registry is, who asks, and which part of it is read. */
export const RegistrySettings = z
  .object({
    address: z
      .string()
      .trim()
      .max(300)
      .regex(
        /^(https?:\/\/)?([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?\/?$/,
        'Give the registry’s host, as in registry.example:5000.',
      ),
    username: optionalText,
    password: optionalText,
    ca: optionalText.refine((given) => given === undefined || given.includes('-----BEGIN'), {
      message: 'Paste the certificate in PEM, with its BEGIN line.',
    }),
    repositories: listOf(pattern),
    tags: listOf(pattern),
    platforms: listOf(platform),
    tokenHosts: listOf(listedHost),
    storageHosts: listOf(listedHost),
    insecure: z.boolean().optional(),
  })
  .refine(({ username, password }) => username !== undefined || password === undefined, {
    message: 'A password needs its user name.',
    path: ['username'],
  })
  .refine((given) => schemeOf(given.address) === 'https' || mayBePlain(given), {
    message: 'Plain HTTP shows passwords and images to anyone on the way: tick “Plain HTTP”.',
    path: ['insecure'],
  });
export type RegistrySettings = z.output<typeof RegistrySettings>;

/** A registry as it is called: where its API answers, how images are named, who may be called. */
export type RegistryPlace = {
  /** `registry.example:5000`, as image names begin. */
  readonly host: string;
  /** `https://registry-1.docker.io` */
  readonly origin: string;
  readonly tokenHosts: readonly string[];
  readonly storageHosts: readonly string[];
};

export function placeOf(settings: RegistrySettings): RegistryPlace {
  const written = settings.address
    .replace(/^https?:\/\//, '')
    .replace(/\/$/, '')
    .toLowerCase();
  const isHub = ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(written);
  const host = isHub ? DOCKER_HUB : written;
  const known = findKnownRegistry(host);
  return {
    host,
    origin: new URL(`${schemeOf(settings.address)}://${known?.api ?? host}`).origin,
    tokenHosts: [...(known?.tokenHosts ?? []), ...(settings.tokenHosts ?? [])],
    storageHosts: [...(known?.storageHosts ?? []), ...(settings.storageHosts ?? [])],
  };
}

function schemeOf(address: string): 'http' | 'https' {
  return address.startsWith('http://') ? 'http' : 'https';
}

function mayBePlain({ address, insecure }: { address: string; insecure?: boolean | undefined }) {
  return insecure === true || isLoopback(address.replace(/^https?:\/\//, ''));
}

/** `host[:port]` of this machine, where nobody listens on the way. */
export function isLoopback(host: string): boolean {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  if (name === 'localhost' || name === '[::1]') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}
