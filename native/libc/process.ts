// Processes by descriptor, the one that is started without copying this one, and what sockets and limits say of processes.
import { KernelError, kernel, positive } from './library.ts';

const cPidfdOpen = kernel.func('int cgdeck_pidfd_open(int pid)');
const cPidfdSignal = kernel.func('int cgdeck_pidfd_signal(int fd, int signal)');
const cSpawn = kernel.func('int cgdeck_spawn(const char *path, const char *name, void *ends)');
const cSeal = kernel.func('int cgdeck_seal(const char *path)');
const cReap = kernel.func('int cgdeck_reap(int pid)');
const cPeerUid = kernel.func('int64_t cgdeck_peer_uid(int socket)');
const cRaiseDescriptors = kernel.func('int64_t cgdeck_raise_descriptors(int64_t wanted)');

/** A descriptor that becomes readable when the process ends (pidfd_open(2)); ESRCH if it is gone. */
export function pidfdOpen(pid: number): number {
  return positive('pidfd_open', cPidfdOpen(pid));
}

/** Signals the very process that a pidfd stands for (pidfd_send_signal(2)); ESRCH once it has ended. */
export function pidfdSignal(fd: number, signal: number): void {
  positive('pidfd_send_signal', cPidfdSignal(fd, signal));
}

/**
 * Starts a program on a thread of the pool, without copying this process (posix_spawn(3)): its descriptors 3, 4 and 5 are sockets.
 * @param name what ps shows of it
 * @returns its pid, which `reap` lets go of once it has ended, and our ends of the sockets
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

/** A descriptor of a copy of the program that nobody can write to, at /proc/self/fd; EACCES where vm.memfd_noexec forbids it. */
export function sealedCopy(path: string): number {
  return positive('memfd_create', cSeal(path));
}

/** Lets the kernel forget a process of `spawnWithSockets`. @returns whether it had ended */
export function reap(pid: number): boolean {
  return cReap(pid) !== 0;
}

/** The uid at the other end of a connected Unix socket (SO_PEERCRED). */
export function peerUid(socket: number): number {
  return positive('getsockopt SO_PEERCRED', cPeerUid(socket));
}

/** Raises the limit on open descriptors; returns what is in force. */
export function raiseDescriptors(wanted: number): number {
  return positive('setrlimit RLIMIT_NOFILE', cRaiseDescriptors(wanted));
}
