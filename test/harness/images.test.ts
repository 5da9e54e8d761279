import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { getPartPath } from './find-part.ts';
import { builtOnce, debianOciLayout, dockerArchiveOf, tinyOciLayout } from './images.ts';
import { describeWith } from './parts.ts';

type Inspected = { Layers: string[]; RepoTags?: string[] };

async function inspect(reference: string): Promise<Inspected> {
  const { stdout } = await promisify(execFile)(getPartPath('skopeo'), ['inspect', reference]);
  return JSON.parse(stdout) as Inspected;
}

describeWith(['umoci', 'skopeo', 'busybox'], 'small images', () => {
  it('are built once and come back from the cache', async () => {
    const first = await tinyOciLayout();
    expect(await tinyOciLayout()).toBe(first);
    expect((await inspect(`oci:${first}:test`)).Layers).toHaveLength(1);
  });

  it('come as docker archives too', async () => {
    const archive = await dockerArchiveOf(await tinyOciLayout());
    expect((await inspect(`docker-archive:${archive}`)).Layers).toHaveLength(1);
  });

  it('leave no half-built image where a build fails', async () => {
    const key = `broken ${process.pid}`;
    const broken = builtOnce(key, () => Promise.reject(new Error('no room')));
    await expect(broken).rejects.toThrow('no room');
    const target = await builtOnce(key, async (path) => {
      await promisify(execFile)('touch', [path]);
    });
    expect(existsSync(target)).toBe(true);
  });
});

describeWith(['mmdebstrap', 'umoci', 'skopeo'], 'a real Debian image', () => {
  it('has three layers, the last of which removes', async () => {
    expect((await inspect(`oci:${await debianOciLayout()}:test`)).Layers).toHaveLength(3);
  });
});
