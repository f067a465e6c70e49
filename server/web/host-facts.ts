// Disks and operating system, from systeminformation: read at most once a minute, left out if that fails or hangs.
import type { Host } from '../contract/answers.ts';

const FRESH_MS = 60_000;
/** A lost network disk makes df hang; the rest of the answer must not wait for it. */
const PATIENCE_MS = 2_000;

type Facts = Pick<Host, 'disks' | 'os'>;

/** The functions used of systeminformation. */
export interface SystemInformation {
  fsSize(): Promise<readonly { fs: string; type: string; mount: string; size: number; used: number }[]>;
  osInfo(): Promise<{ distro: string; release: string; arch: string }>;
}

export class HostFacts {
  readonly #system: SystemInformation;
  #facts: Facts = {};
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(system: SystemInformation) {
    this.#system = system;
  }

  async read(): Promise<Facts> {
    if (performance.now() - this.#readMs > FRESH_MS) {
      this.#reading ??= this.#readNow().finally(() => {
        this.#reading = undefined;
      });
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([this.#reading, patience]);
      clearTimeout(timer);
    }
    return this.#facts;
  }

  async #readNow(): Promise<void> {
    const [disks, os] = await Promise.allSettled([this.#system.fsSize(), this.#system.osInfo()]);
    this.#facts = {
      ...(disks.status === 'fulfilled'
        ? {
            disks: disks.value.map(({ fs, type, mount, size, used }) => ({
              device: fs,
              type,
              mountPoint: mount,
              sizeBytes: size,
              usedBytes: used,
            })),
          }
        : {}),
      ...(os.status === 'fulfilled' ? { os: { name: os.value.distro, release: os.value.release, architecture: os.value.arch } } : {}),
    };
    this.#readMs = performance.now();
  }
}
