// What was typed into a terminal and is not known to have reached it: kept for the next connection, within a bound, or counted as lost.

/** More is not kept: a person types less while a connection is away. */
const KEPT_BYTES = 64 * 1024;

export class Typed {
  #kept: Uint8Array<ArrayBuffer>[] = [];
  #keptBytes = 0;
  /** Of the kept bytes, those that were sent on the present connection. */
  #sentBytes = 0;
  /** Bytes before the kept ones, as the server counts them. */
  #before = 0;
  /** Bytes that the server is known to have passed on; fewer where some were dropped that cannot be sent again. */
  #taken = 0;
  /** Typed while there was no more place. */
  #refused = 0;

  /** Bytes that were never sent. */
  get waitingBytes(): number {
    return this.#keptBytes - this.#sentBytes;
  }

  /** Bytes typed on a connection. */
  sent(bytes: Uint8Array<ArrayBuffer>): void {
    this.#keep(bytes);
    this.#sentBytes += bytes.length;
    this.#drop(Math.max(0, this.#keptBytes - KEPT_BYTES));
  }

  /** Bytes typed while there is no connection. */
  waiting(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#keptBytes + bytes.length > KEPT_BYTES) this.#refused += bytes.length;
    else this.#keep(bytes);
  }

  /** The server has passed on so many. */
  taken(count: number): void {
    this.#taken = count;
    this.#drop(Math.min(Math.max(0, count - this.#before), this.#keptBytes));
  }

  /**
   * A connection has begun, on which the server counts from `taken`; undefined: from 0, and what had arrived before is unknown.
   * @returns what to send, in order, and how many bytes are lost, or perhaps lost
   */
  begin(taken: number | undefined): { readonly send: readonly Uint8Array<ArrayBuffer>[]; readonly lost: number } {
    // Sending it twice would be worse than not at all.
    if (taken === undefined) this.#drop(this.#sentBytes);
    else this.taken(taken);
    const lost = this.#refused + this.#before - this.#taken;
    this.#before = this.#taken = taken ?? 0;
    this.#refused = 0;
    this.#sentBytes = this.#keptBytes;
    return { send: [...this.#kept], lost };
  }

  /** It was typed for a program that has ended. @returns the bytes that no program gets */
  forget(): number {
    const lost = this.#refused + this.#before - this.#taken + this.#keptBytes;
    this.#kept = [];
    this.#keptBytes = this.#sentBytes = this.#before = this.#taken = this.#refused = 0;
    return lost;
  }

  #keep(bytes: Uint8Array<ArrayBuffer>): void {
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
  }

  #drop(count: number): void {
    this.#keptBytes -= count;
    this.#before += count;
    this.#sentBytes = Math.max(0, this.#sentBytes - count);
    for (let left = count; left > 0; ) {
      const [first] = this.#kept;
      if (!first) break;
      if (first.length > left) this.#kept[0] = first.subarray(left);
      else this.#kept.shift();
      left -= Math.min(first.length, left);
    }
  }
}
