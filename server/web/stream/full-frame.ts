// The whole state as one frame, encoded at most once for each state and format.
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

  /** Call it when the state changes: frees the encoded frames, which can be large. */
  forget(): void {
    this.#bytes = undefined;
    this.#text = undefined;
  }
}
