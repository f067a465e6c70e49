// Reads many control files in one call on a thread of the pool, and finds those that have changed since the last time.
import koffi from 'koffi';
import { kernel } from './library.ts';

/** struct reading of native/kernel/kernel.c. */
const reading = koffi.struct('reading', {
  places: 'void *',
  fds: 'void *',
  paths: 'void *',
  seen: 'void *',
  out: 'void *',
  changed: 'void *',
  kept: 'void *',
  each: 'int64_t',
  n: 'int32_t',
});
const cReadChanged = kernel.func('cgdeck_read_changed', 'int', [koffi.pointer(reading), 'void *']);

export interface ReadRequest {
  /** The files to read, by their places in a table. */
  readonly places: Int32Array;
  /** Of each of those: its descriptor, OPEN_ONCE or OPEN_AND_KEEP. */
  readonly fds: Int32Array;
  /** The paths of those that are opened now, in the order of `places`, each ended by a NUL. */
  readonly paths: Uint8Array;
  /** By place: a hash of the contents at the last time; 0: never read. */
  readonly seen: BigUint64Array;
  /** Receives the contents of files that have changed, one after the other: room for `each` bytes of each. */
  readonly out: Uint8Array;
  /** Receives for each of those (index in `places`, offset in `out`, bytes or -errno). */
  readonly changed: Int32Array;
  /** Receives for each of OPEN_AND_KEEP (index in `places`, descriptor). */
  readonly kept: Int32Array;
}

/** In place of a descriptor: opened for this reading; opened now and kept open. */
export const OPEN_ONCE = -2;
export const OPEN_AND_KEEP = -3;

/**
 * @param each the most bytes to read of one file
 * @returns how many files have changed, and how many were opened and kept
 */
export function readChanged(request: ReadRequest, each: number): Promise<{ readonly changes: number; readonly kept: number }> {
  const kept = new Int32Array(1);
  return new Promise((resolve, reject) => {
    cReadChanged.async({ ...request, each, n: request.places.length }, kept, (error: unknown, changes: number) =>
      error ? reject(error) : resolve({ changes, kept: kept[0] ?? 0 }),
    );
  });
}
