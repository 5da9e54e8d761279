import { chownSync, lchownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from '../../model/errors.ts';

/** A user and group to run a child process as; undefined fields mean "as this process". */
export type ProcessUser = { readonly uid?: number; readonly gid?: number };

// Below 65534, so that it exists in a rootless container's user namespace too, and above what
// Debian and Fedora hand out to people and services by themselves (1000 upwards, one by one).
const PRIVATE_UID_FIRST = 57_420;
const PRIVATE_UID_LAST = 57_520;

type PasswdEntry = { readonly name: string; readonly uid: number; readonly gid: number };

function readPasswd(): readonly PasswdEntry[] {
  let text = '';
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * initdb refuses root and any user that has no line in /etc/passwd, so root borrows nobody for it.
 */
export function initdbUser(): ProcessUser {
  if (!isRoot()) return {};
  const entries = readPasswd();
  const entry = entries.find((e) => e.name === 'nobody') ?? entries.find((e) => e.uid > 0);
  if (entry === undefined) {
    throw unavailable(
      'PostgreSQL does not run as root, and /etc/passwd names no other user: add one, or name a ' +
        'PostgreSQL with --database-url.',
      { code: 'postgres-no-user' },
    );
  }
  return { uid: entry.uid, gid: entry.gid };
}

/**
 * The user PostgreSQL runs as: this one, or for root a uid that no person or service has. An
 * existing cluster keeps the owner it has.
 */
export function serverUser(cluster: string): ProcessUser {
  if (!isRoot()) return {};
  const owner = statSync(cluster, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== 0) return { uid: owner, gid: statSync(cluster).gid };
  const taken = new Set(readPasswd().map((entry) => entry.uid));
  for (let uid = PRIVATE_UID_FIRST; uid <= PRIVATE_UID_LAST; uid++) {
    if (!taken.has(uid)) return { uid, gid: uid };
  }
  return { uid: PRIVATE_UID_LAST, gid: PRIVATE_UID_LAST };
}

export function giveTo(path: string, user: ProcessUser): void {
  if (user.uid === undefined || user.gid === undefined) return;
  try {
    chownSync(path, user.uid, user.gid);
  } catch (cause) {
    throw unavailable(
      `PostgreSQL does not run as root, and ${path} cannot be given to another user: start ` +
        'Wharfinger as an ordinary user, or name a PostgreSQL with --database-url.',
      { code: 'postgres-no-user', cause },
    );
  }
}

export function giveTreeTo(folder: string, user: ProcessUser): void {
  if (user.uid === undefined || user.gid === undefined) return;
  giveTo(folder, user);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveTreeTo(path, user);
    else lchownSync(path, user.uid, user.gid);
  }
}
