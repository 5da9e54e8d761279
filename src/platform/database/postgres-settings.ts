import { statfsSync } from 'node:fs';
import { totalmem } from 'node:os';

const MIB = 1024 ** 2;

export type PostgresSettings = Readonly<Record<string, string>>;

/** The memory this process may use: a container's limit (cgroup v2, v1) when there is one. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Docker gives a container 64 MiB of /dev/shm, which one parallel hash join can fill. */
function sharedMemoryType(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= 256 * MIB ? 'posix' : 'mmap';
  } catch {
    return 'mmap';
  }
}

/**
 * Settings of the bundled server, given at each start so that a new release can change them.
 * Durability stays at PostgreSQL's defaults: an acknowledged write survives kill -9 and power loss.
 */
export function postgresSettings(socketFolder: string): PostgresSettings {
  const memoryMib = memoryBytes() / MIB;
  return {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    max_connections: '100',
    shared_buffers: `${Math.round(clamp(memoryMib / 8, 128, 2048))}MB`,
    effective_cache_size: `${Math.round(clamp(memoryMib / 2, 256, 16_384))}MB`,
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    dynamic_shared_memory_type: sharedMemoryType(),
    max_wal_size: '2GB',
    wal_compression: 'on',
    random_page_cost: '1.1',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // LOG ranks between ERROR and FATAL: start, stop and recovery are kept, but no statement, since
    // its text and detail can hold personal data.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
  };
}

/** For tests: what a crash loses does not matter, and the disk is left alone. */
export const VOLATILE_SETTINGS: PostgresSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '128MB',
  max_connections: '200',
  autovacuum: 'off',
};
