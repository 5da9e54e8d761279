import type { FileView } from '../../cataloguer.ts';
import type { ProblemList } from '../../problem-list.ts';
import { isBerkeley, readBerkeley } from './berkeley.ts';
import { isNdb, readNdb } from './ndb.ts';
import { isSqlite, readSqliteTable } from './sqlite.ts';

/** Called with each package header's bytes, which are the callee's to keep. */
export type OnHeader = (header: Uint8Array) => void;

const HEAD_LENGTH = 512;
const TABLE = 'Packages';

/**
 * Hands out the package headers of an RPM database, in any of the three containers that rpm has
 * had: Berkeley DB hash files (to RHEL 8), NDB (SUSE), SQLite (Fedora 33, RHEL 9 and later). The
 * bytes say which, not the name.
 */
export function readDatabase(file: FileView, problems: ProblemList, onHeader: OnHeader): void {
  const head = new Uint8Array(file.read(0, HEAD_LENGTH));
  if (isSqlite(head)) {
    // CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)
    readSqliteTable({ file, head, table: TABLE, problems }, (record) => {
      const header = record.blob(1);
      if (header === undefined) problems.add('A row of the Packages table holds no header.');
      else onHeader(header);
    });
  } else if (isNdb(head)) readNdb(file, problems, onHeader);
  else if (isBerkeley(head)) readBerkeley(file, head, problems, onHeader);
  else problems.add('The file is not an RPM database of a known kind.');
}
