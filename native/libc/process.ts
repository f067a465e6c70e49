// Signals, starts and reaps processes, and reads and raises what the kernel keeps for a socket's peer and for this process.
import { KernelError, kernel, libc, positive } from './library.ts';

const cPidfdOpen = kernel.func('int cgdeck_pidfd_open(int pid)');
const cPidfdSignal = kernel.func('int cgdeck_pidfd_signal(int fd, int signal)');
const cSpawn = kernel.func('int cgdeck_spawn(const char *path, const char *name, void *ends)');
const cSeal = kernel.func('int cgdeck_seal(const char *path)');
const cReap = kernel.func('int cgdeck_reap(int pid)');
const cPeerUid = kernel.func('int64_t cgdeck_peer_uid(int socket)');
const cRaiseDescriptors = kernel.func('int64_t cgdeck_raise_descriptors(int64_t wanted)');
const cGetPageSize = libc.func('int getpagesize()');

/** The size of a page of memory, in which the kernel counts (getpagesize(2)). */
export function pageBytes(): number {
  return cGetPageSize();
}

/** A descriptor that becomes readable when the process ends (pidfd_open(2)). @throws KernelError ESRCH if it has ended */
export function pidfdOpen(pid: number): number {
  return positive('pidfd_open', cPidfdOpen(pid));
}

/** Signals the process of a pidfd (pidfd_send_signal(2)). @throws KernelError ESRCH if it has ended */
export function pidfdSignal(fd: number, signal: number): void {
  positive('pidfd_send_signal', cPidfdSignal(fd, signal));
}

/**
 * Starts a program on a thread of the pool, without copying this process (posix_spawn(3)): its descriptors 3, 4 and 5 are sockets.
 * @param name its argv[0], as ps shows it
 * @returns its pid, to be passed to `reap` after its end, and our ends of the sockets
 */
export function spawnWithSockets(path: string, name: string): Promise<{ readonly pid: number; readonly fds: readonly number[] }> {
  const ends = new Int32Array(3);
  return new Promise((resolve, reject) => {
    cSpawn.async(path, name, ends, (error: unknown, pid: number) => {
      if (error) reject(error);
      else if (pid < 0) reject(new KernelError('posix_spawn', -pid));
      else resolve({ pid, fds: [...ends] });
    });
  });
}

/** A descriptor of a copy of the program that not even root can write to. @throws KernelError EACCES where vm.memfd_noexec forbids it */
export function sealedCopy(path: string): number {
  return positive('memfd_create', cSeal(path));
}

/** Reaps a process of `spawnWithSockets`. @returns whether it had ended */
export function reap(pid: number): boolean {
  return cReap(pid) !== 0;
}

/** The uid at the other end of a connected Unix socket (SO_PEERCRED). */
export function peerUid(socket: number): number {
  return positive('getsockopt SO_PEERCRED', cPeerUid(socket));
}

/** Raises the limit on open descriptors. @returns the limit in force */
export function raiseDescriptors(wanted: number): number {
  return positive('setrlimit RLIMIT_NOFILE', cRaiseDescriptors(wanted));
}
