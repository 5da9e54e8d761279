import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { dockerHost, getPartPath } from './find-part.ts';

// Debian's dockerd has no client on the PATH in every installation, so the tests speak the Engine
// API themselves, in its oldest version that Wharfinger supports.
const apiVersion = 'v1.41';
const outputBytesMax = 4 * 1024 * 1024;

export const tinyImage = 'wharfinger-test/tiny:1';

const applets = ['sh', 'sleep', 'echo', 'cat', 'true', 'touch', 'mkdir', 'rm', 'id', 'httpd', 'nc'];

export type ContainerOptions = {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Anything else of the body of POST /containers/create. */
  readonly body?: Readonly<Record<string, unknown>>;
};

/**
 * Path of the engine's Unix socket: suites run only where `describeWith(['dockerd'])` lets them.
 */
export function engineSocket(): string {
  const host = dockerHost();
  if (host?.startsWith('unix://')) return host.slice('unix://'.length);
  throw new Error('The suites need an engine on a Unix socket: DOCKER_HOST=unix:///…');
}

/** One call of the Engine API; refuses with the engine's own sentence. */
export async function askEngine<T = unknown>(
  method: 'GET' | 'POST' | 'DELETE' | 'PUT',
  path: string,
  body?: unknown,
): Promise<T> {
  const bytes = Buffer.isBuffer(body);
  const agent = new Agent({ connect: { socketPath: engineSocket() } });
  try {
    const response = await request(`http://engine/${apiVersion}${path}`, {
      method,
      dispatcher: agent,
      ...(body === undefined ? {} : { body: bytes ? body : JSON.stringify(body) }),
      headers: { 'content-type': bytes ? 'application/x-tar' : 'application/json' },
    });
    const text = await response.body.text();
    if (response.statusCode >= 400) {
      throw new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 500)}`);
    }
    return parse(text) as T;
  } finally {
    await agent.close();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Makes sure the engine has the tiny image: one static busybox and its links, about 2 MB, made
 * here because no registry can be reached. Returns its name.
 */
export async function provideTinyImage(name: string = tinyImage): Promise<string> {
  const tar = await tarOfTinyRoot();
  const [repository, tag] = name.split(':');
  const query = `fromSrc=-&repo=${repository}&tag=${tag}`;
  await askEngine('POST', `/images/create?${query}`, tar);
  return name;
}

/** A root file system with busybox alone, as a tar. */
export async function tarOfTinyRoot(): Promise<Buffer> {
  const root = mkdtempSync(join(tmpdir(), 'wharfinger-tiny-'));
  try {
    for (const folder of ['bin', 'etc', 'tmp']) await mkdir(join(root, folder));
    await copyFile(getPartPath('busybox'), join(root, 'bin/busybox'));
    for (const applet of applets) await symlink('busybox', join(root, 'bin', applet));
    const args = ['-C', root, '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '-c', '.'];
    const options = { encoding: 'buffer' as const, maxBuffer: outputBytesMax };
    return (await promisify(execFile)('tar', args, options)).stdout;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Creates and starts a container of the tiny image; it sleeps unless told otherwise. */
export async function startContainer(options: ContainerOptions = {}): Promise<{ id: string }> {
  const query = options.name === undefined ? '' : `?name=${options.name}`;
  const { Id: id } = await askEngine<{ Id: string }>('POST', `/containers/create${query}`, {
    Image: options.image ?? tinyImage,
    Cmd: options.command ?? ['/bin/sleep', '600'],
    Labels: options.labels ?? {},
    // Sleep is process 1 and would ignore SIGTERM for ten seconds.
    StopSignal: 'SIGKILL',
    ...options.body,
  });
  await askEngine('POST', `/containers/${id}/start`);
  return { id };
}

/** Removes a container, running or not, with its anonymous volumes. */
export async function removeContainer(id: string): Promise<void> {
  await askEngine('DELETE', `/containers/${id}?force=1&v=1`);
}
