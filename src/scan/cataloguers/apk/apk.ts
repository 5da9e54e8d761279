import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { ProblemList } from '../../problem-list.ts';
import { readInstalled } from './installed-database.ts';

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
    components: packages.map(({ name, version, arch, origin, licence }) => ({
      key: `apk:${name}`,
      component: {
        type: 'apk',
        name,
        version,
        ...(arch === '' ? {} : { qualifiers: { arch } }),
        ...(licence === '' ? {} : { licences: [licence] }),
        // Packages of one origin are built together, so its version is not stated apart.
        ...(origin === '' ? {} : { source: { name: origin, version: '' } }),
      },
    })),
    ownerships: packages
      .filter(({ paths }) => paths !== '')
      .map(({ name, paths }) => ({ by: `apk:${name}`, paths })),
    ...problems.findings(),
  };
}
