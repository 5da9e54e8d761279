import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { osRelease } from './os-release.ts';

const parse = (text: string) =>
  osRelease.parse(viewOfBytes('usr/lib/os-release', new TextEncoder().encode(text)));

describe('os-release', () => {
  it('reads both places of the file and no other', () => {
    expect(osRelease.wants?.('etc/os-release', 100)).toBe(true);
    expect(osRelease.wants?.('usr/lib/os-release', 100)).toBe(true);
    expect(osRelease.wants?.('opt/rootfs/etc/os-release', 100)).toBe(false);
  });

  it('reads what Debian states', () => {
    const text = [
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
      'NAME="Debian GNU/Linux"',
      'VERSION_ID="12"',
      'VERSION="12 (bookworm)"',
      'VERSION_CODENAME=bookworm',
      'ID=debian',
      'HOME_URL="https://www.debian.org/"',
    ].join('\n');

    expect(parse(text)).toEqual({
      os: {
        id: 'debian',
        versionId: '12',
        name: 'Debian GNU/Linux 12 (bookworm)',
        idLike: [],
        codename: 'bookworm',
      },
    });
  });

  it('splits the systems this one is like', () => {
    const { os } = parse('ID="rocky"\nID_LIKE="rhel centos  fedora"\nVERSION_ID="9.3"\n');
    expect(os).toMatchObject({ id: 'rocky', idLike: ['rhel', 'centos', 'fedora'] });
  });

  it('reads a name in lower case, as the manual wants it, whatever is written', () => {
    expect(parse('ID=Photon\n').os?.id).toBe('photon');
  });

  it('takes the codename from the version where no field states it', () => {
    expect(parse('ID=debian\nVERSION="9 (stretch)"').os?.codename).toBe('stretch');
    expect(parse('ID=amzn\nVERSION="2 (Karoo Two)"').os?.codename).toBeUndefined();
  });

  it('undoes shell quoting', () => {
    expect(parse(`NAME='It "is"'`).os?.name).toBe('It "is"');
    expect(parse('NAME="a \\"b\\" \\$c \\\\ d \\e"').os?.name).toBe('a "b" $c \\ d \\e');
    expect(parse('NAME=a\\ b').os?.name).toBe('a b');
  });

  it('passes over comments and lines of another shape', () => {
    expect(parse('# ID=no\nhello\n=x\nlower=x\n ID=alpine \r\n').os?.id).toBe('alpine');
  });

  it('lets the last line of a name win, as the shell does', () => {
    expect(parse('ID=one\nID=two\n').os?.id).toBe('two');
  });

  it('falls back to linux where no ID is stated', () => {
    expect(parse('NAME=Thing').os).toEqual({
      id: 'linux',
      versionId: '',
      name: 'Thing',
      idLike: [],
    });
  });

  it('drops control characters, which could steer a terminal', () => {
    expect(parse('NAME="a\u001b[31mb"').os?.name).toBe('a[31mb');
  });

  it('says that an empty file states nothing', () => {
    expect(parse('')).toEqual({ problems: ['The file states no operating system.'] });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const findings = osRelease.parse(viewOfBytes('etc/os-release', bytes));
        expect(findings.os !== undefined || findings.problems?.length === 1).toBe(true);
      }),
    );
  });

  it('never throws for lines that look like assignments', () => {
    const piece = fc.constantFrom('ID=', 'NAME=', '"', "'", '\\', '\n', 'VERSION=', '(', ')', 'x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const { os } = parse(pieces.join(''));
        if (os !== undefined) expect(os.id).not.toBe('');
      }),
    );
  });
});

describe('release files of older systems', () => {
  const read = (path: string, text: string) =>
    osRelease.parse(viewOfBytes(path, new TextEncoder().encode(text))).os;

  it.each([
    ['etc/redhat-release', 'CentOS release 6.10 (Final)\n', 'centos', '6'],
    ['etc/redhat-release', 'Red Hat Enterprise Linux Server release 6.9 (Santiago)', 'rhel', '6.9'],
    ['etc/centos-release', 'CentOS Linux release 7.9.2009 (Core)', 'centos', '7'],
    ['etc/oracle-release', 'Oracle Linux Server release 6.10', 'ol', '6.10'],
    ['etc/system-release', 'Amazon Linux AMI release 2018.03', 'amzn', '2018.03'],
    ['etc/alpine-release', '3.18.4\n', 'alpine', '3.18.4'],
    ['etc/debian_version', '6.0.10\n', 'debian', '6'],
  ])('%s names the system: %j', (path, text, id, versionId) => {
    expect(osRelease.wants?.(path, 10)).toBe(true);
    expect(read(path, text)).toMatchObject({ id, versionId, idLike: [] });
  });

  it('name a release under way by its codename', () => {
    expect(read('etc/debian_version', 'trixie/sid\n')).toEqual({
      id: 'debian',
      versionId: '',
      name: 'Debian GNU/Linux trixie/sid',
      idLike: [],
      codename: 'trixie',
    });
  });

  it.each([
    ['etc/redhat-release', ''],
    ['etc/redhat-release', 'Something release 1'],
    ['etc/redhat-release', 'CentOS release x'],
    ['etc/redhat-release', 'CentOS\u001b[2J release 6'],
    ['etc/alpine-release', 'a.b'],
    ['etc/debian_version', '1.2.3.4.5.6'],
  ])('%s that reads %j says nothing', (path, text) => expect(read(path, text)).toBeUndefined());
});
