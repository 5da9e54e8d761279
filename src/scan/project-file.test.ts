import { describe, expect, it } from 'vitest';
import { isProjectFile } from './project-file.ts';

describe("a lock file of a project of the image's own", () => {
  it.each(['yarn.lock', 'srv/app/yarn.lock', 'srv/gems/app/Gemfile.lock', 'srv/doc/uv.lock'])(
    'is %s',
    (path) => {
      expect(isProjectFile(path)).toBe(true);
    },
  );

  it.each([
    'app/node_modules/a/yarn.lock',
    'usr/lib/python3/dist-packages/a/requirements.txt',
    'opt/venv/lib/python3.12/site-packages/a/uv.lock',
    'app/vendor/acme/one/composer.lock',
    'usr/lib/ruby/gems/3.1.0/gems/typeprof-0.21.2/vscode/package-lock.json',
    'root/go/pkg/mod/example.org/a@v1.0.0/package-lock.json',
    'usr/share/doc/a/requirements.txt',
  ])('is not %s', (path) => {
    expect(isProjectFile(path)).toBe(false);
  });
});
