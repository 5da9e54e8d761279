import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findDockerSignIn } from '../connectors/registry/docker-sign-in.ts';
import { RegistryClient } from '../connectors/registry/registry-client.ts';
import { openRegistryReference } from '../connectors/registry/registry-image.ts';
import { isLoopback, RegistrySettings } from '../connectors/registry/registry-settings.ts';
import type { Credentials } from '../connectors/registry/registry-sign-in.ts';
import { parseImageReference } from '../formats/image-reference.ts';
import { Failure, invalid } from '../model/errors.ts';
import { systemClock } from '../platform/clock.ts';
import type { ImageSource } from '../scan/image-source.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How TLS fails where plain HTTP is spoken. */
const NOT_TLS: ReadonlySet<unknown> = new Set([
  'EPROTO',
  'ECONNRESET',
  'UND_ERR_SOCKET',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);

/** An image in a registry, with the sign-in of the environment or of `docker login`. */
export async function openRegistryTarget(
  written: string,
  environment: Environment,
): Promise<ImageSource> {
  const { host } = parseImageReference(written);
  const credentials = await findCredentials(host, environment);
  const scheme = isLoopback(host) && !(await speaksTls(host)) ? 'http' : 'https';
  const settings = RegistrySettings.safeParse({ address: `${scheme}://${host}`, ...credentials });
  if (settings.success) return openRegistryReference(settings.data, written);
  throw invalid(`${host} is no registry that can be called.`, { cause: settings.error });
}

async function findCredentials(
  host: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  const username = environment['WHARFINGER_REGISTRY_USERNAME'];
  const password = environment['WHARFINGER_REGISTRY_PASSWORD'];
  if (username && password) return { username, password };
  const folder = environment['DOCKER_CONFIG'] || join(homedir(), '.docker');
  const config = await readFile(join(folder, 'config.json')).catch(() => undefined);
  return config === undefined ? undefined : findDockerSignIn(config, host);
}

/** A registry on this machine may speak plain HTTP, as with docker; no other may. */
async function speaksTls(host: string): Promise<boolean> {
  const settings = RegistrySettings.parse({ address: `https://${host}` });
  const client = new RegistryClient(settings, {
    signal: new AbortController().signal,
    clock: systemClock,
    outbound: { limits: { attemptsMax: 1 } },
  });
  try {
    await client.ping();
    return true;
  } catch (error) {
    return !(error instanceof Failure && NOT_TLS.has(error.context['code']));
  } finally {
    await client.close();
  }
}
