import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { tar } from './tar.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A registry whose every answer a test decides: what is not scripted answers as a good registry
 * with one image does (distribution-spec 1.1, "Endpoints"). `paths` tells what was asked.
 */
export type ScriptedRegistry = {
  readonly origin: string;
  readonly host: string;
  readonly asked: string[];
  readonly authorizations: (string | undefined)[];
  /** Takes over a path, without its query. */
  readonly on: (path: string, answer: Answer) => void;
  readonly image: ScriptedImage;
  readonly stop: () => Promise<void>;
};

export type ScriptedImage = {
  readonly manifest: Buffer;
  readonly manifestDigest: string;
  readonly config: Buffer;
  readonly configDigest: string;
  readonly layer: Buffer;
  readonly layerDigest: string;
};

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';

export const sha256 = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** One image of one gzip layer that holds a Debian package. */
export function scriptedImage(architecture = 'amd64', more: object = {}): ScriptedImage {
  const status = 'Package: base\nStatus: install ok installed\nVersion: 1.0\nArchitecture: all\n';
  const noise = createHash('sha512').update(architecture).digest('hex').repeat(2000);
  const files = tar(
    { name: 'etc/os-release', body: 'ID=debian\nVERSION_ID="12"\n' },
    { name: 'var/lib/dpkg/status', body: status },
    { name: 'srv/noise', body: noise },
  );
  const layer = gzipSync(files, { level: 0 });
  const config = json({
    os: 'linux',
    architecture,
    created: '2026-01-02T03:04:05Z',
    rootfs: { type: 'layers', diff_ids: [sha256(files)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: sha256(config),
      size: config.length,
    },
    layers: [
      {
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest: sha256(layer),
        size: layer.length,
      },
    ],
    ...more,
  });
  return {
    manifest,
    manifestDigest: sha256(manifest),
    config,
    configDigest: sha256(config),
    layer,
    layerDigest: sha256(layer),
  };
}

/** `wharf/ship:1` on a free port of the loopback. */
export async function startScriptedRegistry(): Promise<ScriptedRegistry> {
  const image = scriptedImage();
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const put = (path: string, body: Buffer, type = 'application/json'): void => {
    answers.set(path, answerWith(body, type));
  };
  put('/v2/', json({}));
  put('/v2/_catalog', json({ repositories: ['wharf/ship'] }));
  put('/v2/wharf/ship/tags/list', json({ name: 'wharf/ship', tags: ['1'] }));
  put('/v2/wharf/ship/manifests/1', image.manifest, manifestType);
  put(`/v2/wharf/ship/manifests/${image.manifestDigest}`, image.manifest, manifestType);
  put(`/v2/wharf/ship/blobs/${image.configDigest}`, image.config);
  put(`/v2/wharf/ship/blobs/${image.layerDigest}`, image.layer, 'application/octet-stream');

  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    authorizations.push(request.headers.authorization);
    const answer = answers.get(path);
    if (answer === undefined) response.writeHead(404).end('{"errors":[]}');
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    asked,
    authorizations,
    image,
    on: (path, answer) => void answers.set(path, answer),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A whole answer with its digest; parts of it where a Range asks for them. */
export function answerWith(body: Buffer, type = 'application/json'): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? '0');
    const part = body.subarray(start);
    const range = { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` };
    response.writeHead(start === 0 ? 200 : 206, {
      'content-type': type,
      'content-length': part.length,
      'docker-content-digest': sha256(body),
      ...(start === 0 ? {} : range),
    });
    response.end(request.method === 'HEAD' ? undefined : part);
  };
}
