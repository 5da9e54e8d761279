import { Buffer } from 'node:buffer';

/** Builds tar archives byte by byte, apart from the reader, so that tests can lie in any field. */
export type TarPart = {
  readonly name: string;
  readonly type?: string;
  readonly body?: Buffer | string;
  readonly mode?: number;
  readonly linkName?: string;
  /** The size field, when it is to differ from the body's length. */
  readonly size?: number;
  /** Written over the header before the checksum: `[offset, bytes]`. */
  readonly patches?: readonly (readonly [number, Buffer])[];
  readonly magic?: 'ustar' | 'gnu' | 'none';
  readonly prefix?: string;
};

const octal = (value: number, length: number) =>
  Buffer.from(`${value.toString(8).padStart(length - 1, '0')}\0`);

export function tarHeader(part: TarPart): Buffer {
  const header = Buffer.alloc(512);
  const body = Buffer.from(part.body ?? '');
  header.write(part.name, 0, 100);
  octal(part.mode ?? 0o644, 8).copy(header, 100);
  octal(0, 8).copy(header, 108);
  octal(0, 8).copy(header, 116);
  octal(part.size ?? body.length, 12).copy(header, 124);
  octal(0, 12).copy(header, 136);
  header.write(part.type ?? '0', 156);
  header.write(part.linkName ?? '', 157, 100);
  if (part.magic === 'gnu') header.write('ustar  \0', 257);
  else if (part.magic !== 'none') header.write('ustar\x0000', 257);
  header.write(part.prefix ?? '', 345, 155);
  for (const [offset, bytes] of part.patches ?? []) bytes.copy(header, offset);
  header.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function padded(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

export function tarPart(part: TarPart): Buffer {
  return Buffer.concat([tarHeader(part), padded(Buffer.from(part.body ?? ''))]);
}

export function tar(...parts: readonly (TarPart | Buffer)[]): Buffer {
  const blocks = parts.map((part) => (Buffer.isBuffer(part) ? part : tarPart(part)));
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Pax records as an extended header for the part that follows. */
export function paxHeader(records: Readonly<Record<string, string>> | string): Buffer {
  const body =
    typeof records === 'string' ? records : Object.entries(records).map(paxRecord).join('');
  return tarPart({ name: 'PaxHeaders/x', type: 'x', body });
}

export function paxRecord([key, value]: readonly [string, string]): string {
  const rest = ` ${key}=${value}\n`;
  const restBytes = Buffer.byteLength(rest);
  let length = restBytes + 1;
  while (String(length).length + restBytes !== length) length++;
  return `${length}${rest}`;
}
