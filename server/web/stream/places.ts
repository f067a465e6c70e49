// How many streams may be open, and how much may wait unsent in each: by the memory and the descriptors of this process.
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Role } from '../../contract/call.ts';

/** One that keeps up takes 40 KiB of this process (measured with 1,000); the rest is for TLS and the kernel's buffers. */
const STREAM_BYTES = 256 * 1024;
/** The part of the machine's memory that streams may have with what waits in them. */
const MEMORY_PART = 16;
const LEAST = 1336;
const MOST = 16_000;
/** Of all: viewers must not keep an operator out. */
const VIEWERS_PART = 0.75;
/** For requests, terminals and files. */
const OTHER_DESCRIPTORS = 512;
const LEAST_DESCRIPTORS = 64;

export interface Bounds {
  /** With so much unsent, frames are skipped. */
  readonly frameBacklogBytes: number;
  /** With so much unsent, the client is disconnected; it reconnects with the id of its last event. */
  readonly eventBacklogBytes: number;
}

const MOST_UNSENT: Bounds = { frameBacklogBytes: 4 * 1024 * 1024, eventBacklogBytes: 16 * 1024 * 1024 };
const LEAST_UNSENT: Bounds = { frameBacklogBytes: 64 * 1024, eventBacklogBytes: 256 * 1024 };

export class Places {
  readonly #all: number;
  readonly #memoryBytes: number;

  constructor(memoryBytes = availableBytes(), descriptors = openFilesLimit()) {
    this.#memoryBytes = memoryBytes / MEMORY_PART;
    const byMemory = Math.min(MOST, Math.max(LEAST, Math.floor(this.#memoryBytes / STREAM_BYTES)));
    this.#all = Math.min(byMemory, Math.max(LEAST_DESCRIPTORS, descriptors - OTHER_DESCRIPTORS));
  }

  for(role: Role): number {
    return role === 'operator' ? this.#all : Math.floor(this.#all * VIEWERS_PART);
  }

  /** Of each stream, so that all together keep within the memory. */
  boundsFor(streams: number): Bounds {
    const each = this.#memoryBytes / Math.max(1, streams);
    const within = (bound: keyof Bounds) => Math.max(LEAST_UNSENT[bound], Math.min(MOST_UNSENT[bound], each));
    return { frameBacklogBytes: within('frameBacklogBytes'), eventBacklogBytes: within('eventBacklogBytes') };
  }
}

/** Of the machine, or of the container that this runs in. */
function availableBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Node raises the soft limit to the hard one when it starts. */
function openFilesLimit(): number {
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
