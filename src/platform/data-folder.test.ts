import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDataFolder, readServerNotice } from './data-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'data-folder-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('a data folder', () => {
  it('is made with its parents, stamped, and closed to other users', () => {
    const folder = openDataFolder(join(parent, 'a/b/data'), '1.0.0');
    folder.release();

    expect(JSON.parse(readFileSync(join(folder.path, 'version.json'), 'utf8'))).toEqual({
      layout: 1,
      version: '1.0.0',
    });
    expect(statSync(join(folder.path, 'lock')).mode & 0o077).toBe(0);
  });

  it('takes the stamp of the version that opened it last', () => {
    const path = join(parent, 'stamped');
    openDataFolder(path, '1.0.0').release();
    openDataFolder(path, '1.1.0').release();

    expect(readFileSync(join(path, 'version.json'), 'utf8')).toContain('1.1.0');
  });

  it('says who serves it until released', () => {
    const folder = openDataFolder(join(parent, 'served'), '1.0.0');
    const notice = { processId: 1, url: 'http://localhost:7420', version: '1.0.0' };

    folder.announce(notice);
    const seen = readServerNotice(folder.path);
    folder.release();

    expect(seen).toEqual(notice);
    expect(existsSync(folder.paths.notice)).toBe(false);
  });

  it('with an unreadable stamp is refused and left unlocked', () => {
    const path = join(parent, 'broken');
    openDataFolder(path, '1.0.0').release();
    writeFileSync(join(path, 'version.json'), '{');

    expect(() => openDataFolder(path, '1.0.0')).toThrow('version.json cannot be read');
    writeFileSync(join(path, 'version.json'), '{"layout":1,"version":"1.0.0"}');
    openDataFolder(path, '1.0.0').release();
  });
});
