import { crc32, deflateRawSync } from 'node:zlib';

export type BuiltZipEntry = {
  readonly name: string;
  readonly bytes: Uint8Array | string;
  readonly stored?: boolean;
  /** Sizes and checksum after the data, as streaming writers do. */
  readonly descriptor?: boolean;
  /** Sizes and offset in the zip64 field. */
  readonly wide?: boolean;
  /** A size or offset that is not the true one. */
  readonly claims?: { readonly size?: number; readonly offset?: number; readonly crc?: number };
};

/** Builds a zip file entry by entry, true or lying. */
export function buildZip(
  entries: readonly BuiltZipEntry[],
  options: {
    readonly prefix?: Uint8Array;
    readonly comment?: string;
    readonly wideEnd?: boolean;
  } = {},
): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const built = buildEntry(entry, offset);
    locals.push(built.local);
    directory.push(built.central);
    offset += built.local.length;
  }
  const comment = Buffer.from(options.comment ?? '');
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(options.wideEnd ? 0xffff : entries.length, 8);
  end.writeUInt16LE(options.wideEnd ? 0xffff : entries.length, 10);
  end.writeUInt32LE(options.wideEnd ? 0xffffffff : directoryBytes.length, 12);
  end.writeUInt32LE(options.wideEnd ? 0xffffffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  const wideEnd = options.wideEnd
    ? buildWideEnd({ count: entries.length, size: directoryBytes.length, offset })
    : Buffer.alloc(0);
  const prefix = options.prefix ?? new Uint8Array(0);
  return Buffer.concat([prefix, ...locals, directoryBytes, wideEnd, end, comment]);
}

function buildWideEnd(end: { count: number; size: number; offset: number }): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.write('PK\x06\x06', 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(end.count), 24);
  record.writeBigUInt64LE(BigInt(end.count), 32);
  record.writeBigUInt64LE(BigInt(end.size), 40);
  record.writeBigUInt64LE(BigInt(end.offset), 48);
  record.write('PK\x06\x07', 56, 'latin1');
  record.writeBigUInt64LE(BigInt(end.offset + end.size), 56 + 8);
  record.writeUInt32LE(1, 56 + 16);
  return record;
}

function buildEntry(entry: BuiltZipEntry, offset: number): { local: Buffer; central: Buffer } {
  const bytes = Buffer.from(entry.bytes as Uint8Array);
  const packed = entry.stored ? bytes : deflateRawSync(bytes);
  const name = Buffer.from(entry.name);
  const crc = entry.claims?.crc ?? crc32(bytes);
  const size = entry.claims?.size ?? bytes.length;
  const local = Buffer.alloc(30);
  local.write('PK\x03\x04', 'latin1');
  local.writeUInt16LE(entry.descriptor ? 8 : 0, 6);
  local.writeUInt16LE(entry.stored ? 0 : 8, 8);
  if (!entry.descriptor) {
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
  }
  local.writeUInt16LE(name.length, 26);
  const descriptor = Buffer.alloc(entry.descriptor ? 16 : 0);
  if (entry.descriptor) {
    descriptor.write('PK\x07\x08', 'latin1');
    descriptor.writeUInt32LE(crc, 4);
    descriptor.writeUInt32LE(packed.length, 8);
    descriptor.writeUInt32LE(size, 12);
  }
  const central = Buffer.alloc(46);
  central.write('PK\x01\x02', 'latin1');
  central.writeUInt16LE(entry.descriptor ? 8 : 0, 8);
  central.writeUInt16LE(entry.stored ? 0 : 8, 10);
  central.writeUInt32LE(crc, 16);
  central.writeUInt32LE(entry.wide ? 0xffffffff : packed.length, 20);
  central.writeUInt32LE(entry.wide ? 0xffffffff : size, 24);
  central.writeUInt16LE(name.length, 28);
  central.writeUInt16LE(entry.wide ? 28 : 0, 30);
  const headerOffset = entry.claims?.offset ?? offset;
  central.writeUInt32LE(entry.wide ? 0xffffffff : headerOffset, 42);
  const extra = Buffer.alloc(entry.wide ? 28 : 0);
  if (entry.wide) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    extra.writeBigUInt64LE(BigInt(size), 4);
    extra.writeBigUInt64LE(BigInt(packed.length), 12);
    extra.writeBigUInt64LE(BigInt(headerOffset), 20);
  }
  return {
    local: Buffer.concat([local, name, packed, descriptor]),
    central: Buffer.concat([central, name, extra]),
  };
}
