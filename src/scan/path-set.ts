/**
 * A path as a number of 52 bits: the fold asks which of a few thousand paths a layer of 100,000
 * entries holds, and needs the entries for nothing else. By chance two of a million paths share a
 * key once in 9,000 images; an author who makes it happen on purpose deceives about his own image.
 */
export type PathKey = number;

const SEED_LOW = 0x3c6ef372;
const SEED_HIGH = 0x1b873593;
const SLASH = 0x2f;

/** The two running halves of a key: kept apart so that a folder's serves all that is in it. */
export type PathHash = { low: number; high: number };

export const rootHash = (): PathHash => ({ low: SEED_LOW, high: SEED_HIGH });

/**
 * Continues a hash over `text` from `start` to `end`. Hashing `a/` then `b` equals hashing `a/b`.
 */
export function continueHash(hash: PathHash, text: string, start: number, end: number): void {
  let { low, high } = hash;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x9e3779b1);
    low ^= low >>> 15;
    high = Math.imul(high ^ code, 0x5f356495);
    high ^= high >>> 13;
  }
  hash.low = low;
  hash.high = high;
}

export function keyOfHash(hash: PathHash): PathKey {
  const low = Math.imul(hash.low ^ (hash.high >>> 7), 0x85ebca6b) >>> 0;
  const high = (Math.imul(hash.high ^ (hash.low >>> 11), 0xc2b2ae35) >>> 0) & 0xfffff;
  const key = high * 0x1_0000_0000 + low;
  return key === 0 ? 1 : key;
}

export function pathKey(path: string): PathKey {
  const hash = rootHash();
  continueHash(hash, path, 0, path.length);
  return keyOfHash(hash);
}

/** Keys of every folder above a path, the outermost first, and of the path itself last. */
export function keysAlong(path: string): PathKey[] {
  const hash = rootHash();
  const keys: PathKey[] = [];
  let start = 0;
  for (let at = 0; at < path.length; at++) {
    if (path.charCodeAt(at) !== SLASH) continue;
    continueHash(hash, path, start, at);
    keys.push(keyOfHash(hash));
    start = at;
  }
  continueHash(hash, path, start, path.length);
  keys.push(keyOfHash(hash));
  return keys;
}

export type PathKind = 'folder' | 'other';

const SLOTS_MIN = 64;

/** A set of paths by key, each a folder or something else: open addressing in one flat array. */
export class PathSet {
  /** `key * 2`, one more for a folder; 0 is empty. Its length is a power of two. */
  #slots: Float64Array;
  #count = 0;

  constructor(slots: Float64Array = new Float64Array(SLOTS_MIN)) {
    this.#slots = slots;
  }

  /** As `new PathSet(slots)` takes it back. */
  get slots(): Float64Array {
    return this.#slots;
  }

  /** The kind last given wins, as the last entry of an archive does. */
  set(key: PathKey, kind: PathKind): void {
    if (this.#count * 4 >= this.#slots.length * 3) this.#grow();
    const slot = this.#find(key);
    if (this.#slots[slot] === 0) this.#count++;
    this.#slots[slot] = key * 2 + (kind === 'folder' ? 1 : 0);
  }

  get(key: PathKey): PathKind | undefined {
    const value = this.#slots[this.#find(key)] as number;
    if (value === 0) return undefined;
    return value % 2 === 1 ? 'folder' : 'other';
  }

  /** The slot of a key, or the empty one where it belongs. At most 3 of 4 slots are taken. */
  #find(key: PathKey): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (key >>> 0) & mask;
    const value = key * 2;
    for (;;) {
      const taken = slots[slot] as number;
      if (taken === 0 || taken === value || taken === value + 1) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const value of old) {
      if (value !== 0) this.#slots[this.#find(Math.floor(value / 2))] = value;
    }
  }
}
