/**
 * Bytes that a database may still hand out. Each byte of a sound file belongs to one record, so
 * records that together are larger than their file share bytes: a loop or a lie.
 */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}
