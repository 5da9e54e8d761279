import type { Component } from '../../../model/component.ts';
import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { ProblemList } from '../../problem-list.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';
import { type InstalledPackage, readInstalled } from './installed-database.ts';

const BYTES_MAX = 128 * 1024 * 1024;

/** Old, present and merged-/usr places of the database. */
const DATABASES = ['lib/apk/db/installed', 'usr/lib/apk/db/installed', 'var/lib/apk/db/installed'];

/** Installed packages of Alpine, Wolfi and their kin, with the files they own. */
export const apk: Cataloguer = {
  name: 'apk',
  version: 1,
  bytesMax: BYTES_MAX,
  wants: (path) => path.endsWith('lib/apk/db/installed') && DATABASES.includes(path),
  parse,
};

function parse(file: FileView): FileFindings {
  const problems = new ProblemList();
  const packages = readInstalled(file.bytes(), problems);
  return {
    components: packages.map((stated) => ({
      key: `apk:${stated.name}`,
      component: componentOf(stated),
    })),
    ownerships: packages
      .filter(({ paths }) => paths !== '')
      .map(({ name, paths }) => ({ by: `apk:${name}`, paths })),
    ...problems.findings(),
  };
}

function componentOf({ name, version, ...stated }: InstalledPackage): Component {
  const arch = statedWord(stated.arch);
  const origin = statedWord(stated.origin);
  const licences = statedLicences([stated.licence]);
  return {
    type: 'apk',
    name,
    version,
    ...(arch === undefined ? {} : { qualifiers: { arch } }),
    ...(licences.length === 0 ? {} : { licences }),
    // Packages of one origin are built together, so its version is not stated apart.
    ...(origin === undefined ? {} : { source: { name: origin, version: '' } }),
  };
}
