/** The door of backup: everything the database holds, into one file and back. */
export { type CheckedBackup, checkBackup } from './read-backup.ts';
export { restoreBackup } from './restore-backup.ts';
export { type BackupSummary, writeBackup } from './write-backup.ts';
