import { Pool } from 'undici';
import type { z } from 'zod';
import { forbidden, invalid, notFound, unavailable } from '../../model/errors.ts';
import { assertMayCall, lookupAllowed } from '../../platform/outbound/address-rule.ts';
import type { DockerSettings } from './docker-settings.ts';

/**
 * The Docker Engine API (https://docs.docker.com/reference/api/engine/), version 1.41: the one of
 * Engine 20.10, which every newer engine and Podman's compatible socket still answer. Only GET is
 * ever sent: reading must not be able to change a thing.
 */
export type DockerEngine = {
  readonly get: <T>(path: string, shape: z.ZodType<T>) => Promise<T>;
  readonly stream: (path: string) => Promise<AsyncIterable<Uint8Array>>;
  readonly close: () => Promise<void>;
};

const API = '/v1.41';
const CALLS_AT_ONCE = 8;
const ANSWER_MS_MAX = 30_000;
/** An inspect of one container is some 10 KiB; a list of 10,000 is some 10 MiB. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

export function connectDockerEngine(settings: DockerSettings, signal: AbortSignal): DockerEngine {
  const { origin, options } = dispatcherOf(settings);
  const calls = new Pool(origin, { ...options, connections: CALLS_AT_ONCE });
  const streams = new Pool(origin, { ...options, connections: 4, bodyTimeout: 0 });
  return {
    get: async (path, shape) => {
      const body = await orExplain(settings, async () => {
        const answer = await calls.request({
          method: 'GET',
          path: API + path,
          signal,
          headersTimeout: ANSWER_MS_MAX,
          bodyTimeout: ANSWER_MS_MAX,
        });
        const text = await textOf(answer.body);
        return refusedOr(answer.statusCode, text, path);
      });
      const parsed = shape.safeParse(jsonOf(body));
      if (parsed.success) return parsed.data;
      throw invalid('The engine answered something that is not of the Docker Engine API.', {
        context: { path, issue: parsed.error.issues[0]?.path.join('.') },
      });
    },
    stream: (path) =>
      orExplain(settings, async () => {
        const request = { method: 'GET', path: API + path, signal } as const;
        const answer = await streams.request({ ...request, headersTimeout: 10 * ANSWER_MS_MAX });
        if (answer.statusCode !== 200) {
          refusedOr(answer.statusCode, await textOf(answer.body), path);
        }
        return answer.body;
      }),
    close: async () => {
      await Promise.all([calls.destroy(), streams.destroy()]);
    },
  };
}

function dispatcherOf(settings: DockerSettings): { origin: string; options: Pool.Options } {
  const { address } = settings;
  if (address.startsWith('unix://')) {
    return { origin: 'http://docker', options: { socketPath: address.slice('unix://'.length) } };
  }
  const secure = settings.clientCertificate !== undefined || settings.ca !== undefined;
  const host = address.replace(/^tcp:\/\//, '');
  refuseLinkLocal(host);
  const lookup = lookupAllowed as never;
  if (!secure) return { origin: `http://${host}`, options: { connect: { lookup } } };
  return {
    origin: `https://${host}`,
    options: {
      connect: {
        lookup,
        ...(settings.ca === undefined ? {} : { ca: settings.ca }),
        ...(settings.clientCertificate === undefined ? {} : { cert: settings.clientCertificate }),
        ...(settings.clientKey === undefined ? {} : { key: settings.clientKey }),
      },
    },
  };
}

/** Names are looked up when connecting, where the same rule holds; addresses are not. */
function refuseLinkLocal(host: string): void {
  if (!URL.canParse(`http://${host}`)) throw invalid('Give tcp://host:port.');
  assertMayCall(new URL(`http://${host}`));
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) throw invalid('The engine answered more than 256 MiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('What answers there is not a Docker Engine: it sent no JSON.', { cause });
  }
}

function refusedOr(status: number, text: string, path: string): string {
  if (status >= 200 && status < 300) return text;
  const said = messageOf(text);
  if (status === 404)
    throw notFound(`The engine has no such thing: ${said}`, { context: { path } });
  if (status === 401 || status === 403) {
    throw forbidden(`The engine refused: ${said}`, { context: { path, status } });
  }
  throw unavailable(`The engine answered ${status}: ${said}`, { context: { path, status } });
}

function messageOf(text: string): string {
  try {
    const said = (JSON.parse(text) as { message?: unknown }).message;
    return String(said ?? '').slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no socket at that path',
  EACCES: 'this user may not open the socket',
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'that name does not resolve',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'it took too long to answer',
  UND_ERR_SOCKET: 'it closed the connection',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the given CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the given CA',
};

async function orExplain<T>(settings: DockerSettings, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const reason = reasons[code];
    if (reason === undefined && !/^E[A-Z]+$/.test(code)) throw cause;
    throw unavailable(
      `The Docker Engine at ${settings.address} cannot be reached: ${reason ?? code}.`,
      { code: 'engine-unreachable', context: { code }, cause },
    );
  }
}
