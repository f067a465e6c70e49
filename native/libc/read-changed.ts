// Reads many control files in one call on a thread of the pool, and finds those that have changed since the last time.
import koffi from 'koffi';
import { kernel } from './library.ts';

/** struct batch of native/kernel/kernel.c. */
const batch = koffi.struct('batch', {
  fds: 'void *',
  paths: 'void *',
  now: 'void *',
  lengths: 'void *',
  before: 'void *',
  beforeLengths: 'void *',
  changed: 'void *',
  capacity: 'int64_t',
  each: 'int64_t',
  n: 'int32_t',
});
const cReadChanged = kernel.func('cgdeck_read_changed', 'int', [koffi.pointer(batch), 'void *']);

export interface ReadRequest {
  /** -1: skipped. `notKeptOpen(k)`: a file that is opened now, by the path at byte k of `paths`. */
  readonly fds: Int32Array;
  /** Paths, each ended by a NUL. */
  readonly paths: Uint8Array;
  /** Receives the contents, one after the other. */
  readonly now: Uint8Array;
  /** Bytes of each file, or -errno. */
  readonly lengths: Int32Array;
  /** Contents and lengths of the last time. */
  readonly before: Uint8Array;
  readonly beforeLengths: Int32Array;
  /** Receives pairs of index and offset in `now` of the files that have changed. */
  readonly changed: Int32Array;
}

/** The number in place of a descriptor for a file that is not kept open. */
export function notKeptOpen(pathOffset: number): number {
  return -2 - pathOffset;
}

/** In place of a length: the file was never read. */
export const NEVER_READ = -0x80000000;

/**
 * @param each the most bytes to read of one file
 * @returns how many files were read (fewer than asked when `now` is full) and how many of them changed
 */
export function readChanged(request: ReadRequest, each: number): Promise<{ readonly read: number; readonly changes: number }> {
  const changes = new Int32Array(1);
  return new Promise((resolve, reject) => {
    cReadChanged.async(
      { ...request, capacity: request.now.length, each, n: request.fds.length },
      changes,
      (error: unknown, read: number) => (error ? reject(error) : resolve({ read, changes: changes[0] ?? 0 })),
    );
  });
}
