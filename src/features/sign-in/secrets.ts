import { argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits in base64url: session ids, one-time links, API tokens. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** How a secret of 256 random bits is kept: nothing slower is needed against guessing. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** OWASP's first choice for Argon2id: 19 MiB, 2 passes, 1 lane. */
const memoryKib = 19_456;
const passes = 2;
const tagBytes = 32;

/** `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`, the PHC string format. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await argon2id(password, salt, { memoryKib, passes });
  const parameters = `m=${memoryKib},t=${passes},p=1`;
  return `$argon2id$v=19$${parameters}$${plainBase64(salt)}$${plainBase64(tag)}`;
}

export async function isPassword(password: string, hash: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=1\$([^$]+)\$([^$]+)$/.exec(hash);
  if (match === null) return false;
  const [, memory, time, salt, tag] = match;
  const cost = { memoryKib: Number(memory), passes: Number(time) };
  const given = await argon2id(password, Buffer.from(salt ?? '', 'base64'), cost);
  const kept = Buffer.from(tag ?? '', 'base64');
  return kept.length === given.length && timingSafeEqual(kept, given);
}

let decoy: Promise<string> | undefined;

/** Takes as long as checking a real password: an unknown address must not answer faster. */
export async function checkDecoy(password: string): Promise<void> {
  decoy ??= hashPassword(newSecret());
  await isPassword(password, await decoy);
}

function argon2id(
  password: string,
  nonce: Buffer,
  cost: { memoryKib: number; passes: number },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const parameters = {
    message: Buffer.from(password.normalize('NFKC')),
    nonce,
    parallelism: 1,
    tagLength: tagBytes,
    memory: cost.memoryKib,
    passes: cost.passes,
  };
  argon2('argon2id', parameters, (error, key) => {
    if (error === null) resolve(Buffer.from(key));
    else reject(error);
  });
  return promise;
}

function plainBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
