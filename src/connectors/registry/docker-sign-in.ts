import { z } from 'zod';
import { parseBoundedJson } from '../../formats/bounded-json.ts';
import { DOCKER_HUB } from '../../formats/image-reference.ts';
import { Failure } from '../../model/errors.ts';
import type { Credentials } from './registry-sign-in.ts';

const CONFIG_BYTES_MAX = 4 * 1024 * 1024;
/** What the docker client calls Docker Hub in its file. */
const HUB_KEYS = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'];

const DockerConfig = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().nullish(),
        username: z.string().nullish(),
        password: z.string().nullish(),
      }),
    )
    .nullish(),
});

/**
 * What `docker login` kept for a registry in its config.json (docker's cli/config/configfile):
 * plain entries of `auths` alone. Helpers are programs, and none is started here.
 */
export function findDockerSignIn(config: Uint8Array, host: string): Credentials | undefined {
  const { auths } = parsedConfig(config);
  const keys = host === DOCKER_HUB ? HUB_KEYS : [host, `https://${host}`, `http://${host}`];
  for (const [key, entry] of Object.entries(auths ?? {})) {
    if (!keys.includes(key) && !keys.includes(key.replace(/\/(v[12]\/)?$/, ''))) continue;
    const { auth, username, password } = entry;
    if (username && password) return { username, password };
    const text = Buffer.from(auth ?? '', 'base64').toString('utf8');
    const colon = text.indexOf(':');
    // docker pads the password with zero bytes when it encodes in place.
    const secret = text.slice(colon + 1).replace(/\0+$/, '');
    if (colon > 0 && secret !== '') return { username: text.slice(0, colon), password: secret };
  }
  return undefined;
}

/** A config that cannot be read holds no sign-in; the registry then says that it wants one. */
function parsedConfig(config: Uint8Array): z.output<typeof DockerConfig> {
  try {
    const parsed = DockerConfig.safeParse(parseBoundedJson(config, { bytesMax: CONFIG_BYTES_MAX }));
    return parsed.data ?? {};
  } catch (error) {
    if (error instanceof Failure) return {};
    throw error;
  }
}
