import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { catalogueFolder, installedNames } from '../../../../test/harness/catalogue-folder.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { gem } from './gem.ts';

/** What `gem list` prints, such as `name (2.0, default: 1.0 x86_64-linux)`: the oracle. */
function listedByGem(): string[] {
  const lines = execFileSync('gem', ['list', '--local', '--quiet'], { encoding: 'utf8' }).split(
    '\n',
  );
  return lines
    .flatMap((line) => {
      const [name, versions] = line.split(/ \(|\)$/);
      const each = (versions ?? '').split(', ').filter((version) => version !== '');
      return each.map((version) => `${name}@${version.replace('default: ', '').split(' ')[0]}`);
    })
    .sort();
}

describeWith(['gem'], 'the gem cataloguer beside gem list', () => {
  it('lists what gem list lists', () => {
    const paths = execFileSync('gem', ['environment', 'gempath'], { encoding: 'utf8' });
    const homes = paths.trim().split(':').filter(existsSync);
    const listed = listedByGem();
    expect(listed.length).toBeGreaterThan(10);
    const found = homes.flatMap((home) => catalogueFolder(gem, home));
    expect(installedNames(found)).toEqual(listed);
  });
});
