// Everything there is as one frame, made at most once for each state and form, however many clients begin with it.
import { encodeFrame } from '../../contract/frame.ts';
import type { GroupMirror } from '../../contract/mirror.ts';
import { toJsonFrame } from '../../contract/stream.ts';

interface Made<T> {
  readonly of: GroupMirror['head'];
  readonly frame: T;
}

export class FullFrame {
  readonly #mirror: GroupMirror;
  #bytes: Made<Uint8Array> | undefined;
  #text: Made<string> | undefined;

  constructor(mirror: GroupMirror) {
    this.#mirror = mirror;
  }

  /** @returns undefined before the first frame */
  make(json: boolean): Uint8Array | string | undefined {
    const { head } = this.#mirror;
    const known = json ? this.#text : this.#bytes;
    if (known && known.of === head) return known.frame;
    const full = this.#mirror.full();
    if (!full) return undefined;
    if (json) {
      this.#text = { of: head, frame: JSON.stringify(toJsonFrame(full, this.#mirror, () => undefined)) };
      return this.#text.frame;
    }
    this.#bytes = { of: head, frame: encodeFrame(full) };
    return this.#bytes.frame;
  }

  /** The state has moved on: what was made is of no more use, and can be large. */
  forget(): void {
    this.#bytes = undefined;
    this.#text = undefined;
  }
}
