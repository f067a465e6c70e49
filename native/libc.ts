// The only file that speaks to native code: libc, and native/kernel built as a library. Every function throws a KernelError where the kernel refuses.
import { closeSync, existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import koffi from 'koffi';

/** The kernel's refusal of a system call. */
export class KernelError extends Error {
  /** The errno's name, such as ENOENT. */
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = errnoName(errno);
    super(`${call}: ${code}`);
    this.code = code;
  }
}

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

/** The folder of what make built, looked for upwards: this file may run from its source or from dist/. */
export const buildDir = findBuild();

function findBuild(): string {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    const build = join(at, 'native', 'build');
    if (existsSync(join(build, 'libcgdeck.so'))) return build;
    if (at === dirname(at)) throw new Error('native/build/libcgdeck.so is missing: run make -C native.');
  }
}

const libc = koffi.load('libc.so.6');
const kernel = koffi.load(join(buildDir, 'libcgdeck.so'));

const cEventfd = libc.func('int eventfd(unsigned int initial, int flags)');
const cEpollCreate = libc.func('int epoll_create1(int flags)');
const cInotifyInit = libc.func('int inotify_init1(int flags)');
const cInotifyAdd = libc.func('int inotify_add_watch(int fd, const char *path, uint32_t mask)');
const cInotifyRemove = libc.func('int inotify_rm_watch(int fd, int wd)');
const cEventfdWrite = libc.func('int eventfd_write(int fd, uint64_t value)');
const cWait = kernel.func('int cgdeck_wait(int epoll, void *out, void *woke)');
const cEpollAdd = kernel.func('int cgdeck_epoll_add(int epoll, int fd, uint32_t events, uint32_t flags)');
const cEpollRemove = kernel.func('int cgdeck_epoll_remove(int epoll, int fd)');
const cReadChanged = kernel.func(
  'int cgdeck_read_changed(void *fds, int n, void *paths, void *now, int64_t capacity, int64_t each, void *lengths, void *before, void *beforeLengths, void *changed, void *changes)',
);
const cPidfdOpen = kernel.func('int cgdeck_pidfd_open(int pid)');
const cPidfdSignal = kernel.func('int cgdeck_pidfd_signal(int fd, int signal)');
const cSpawn = kernel.func('int cgdeck_spawn(const char *path, const char *name, void *ends)');
const cReap = kernel.func('int cgdeck_reap(int pid)');
const cPeerUid = kernel.func('int64_t cgdeck_peer_uid(int socket)');
const cRaiseDescriptors = kernel.func('int64_t cgdeck_raise_descriptors(int64_t wanted)');
const cDeviceRulesSet = kernel.func(
  'int cgdeck_device_rules_set(const char *dir, void *rules, int count, void *step, void *log, int logBytes)',
);
const cDeviceRulesLift = kernel.func('int cgdeck_device_rules_lift(const char *dir, void *step)');
const cDevicePrograms = kernel.func('int cgdeck_device_programs(const char *dir, void *out, void *rules, void *step)');

const NONBLOCK = 0x800;
const CLOEXEC = 0x80000;

function checked(call: string, result: number): number {
  if (result < 0) throw new KernelError(call, koffi.errno());
  return result;
}

function positive(call: string, result: number | bigint): number {
  const number = Number(result);
  if (number < 0) throw new KernelError(call, -number);
  return number;
}

/** A counter that the kernel signals (eventfd(2)), non-blocking. */
export function eventfd(): number {
  return checked('eventfd', cEventfd(0, NONBLOCK | CLOEXEC));
}

/** Adds to an eventfd's counter, which wakes whoever waits for it. */
export function eventfdWrite(fd: number, value: number): void {
  checked('eventfd_write', cEventfdWrite(fd, value));
}

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

export const inotifyMask = {
  create: 0x100,
  delete: 0x200,
  deleteSelf: 0x400,
  overflow: 0x4000,
  ignored: 0x8000,
  onlyDir: 0x01000000,
  isDir: 0x40000000,
} as const;

export function inotifyInit(): number {
  return checked('inotify_init1', cInotifyInit(NONBLOCK | CLOEXEC));
}

/** @returns the watch descriptor; ENOENT if the folder is gone, ENOSPC if the user's watches are used up. */
export function inotifyAdd(fd: number, path: string, mask: number): number {
  return checked('inotify_add_watch', cInotifyAdd(fd, path, mask));
}

/** A watch that the kernel has already dropped is no error. */
export function inotifyRemove(fd: number, watch: number): void {
  cInotifyRemove(fd, watch);
}

export interface Ready {
  readonly fd: number;
  readonly events: number;
  /** An eventfd's counter: how often it was signalled since the last time. */
  readonly count: number;
}

const MAX_READY = 256;
const READY_BYTES = 16;
const epollIn = 1;
const epollPri = 2;
const epollEdge = 0x80000000;

/** One epoll instance, waited for in one call on a thread of the pool. */
export class Epoll {
  readonly #fd = checked('epoll_create1', cEpollCreate(CLOEXEC));
  readonly #out = new Uint8Array(MAX_READY * READY_BYTES);
  readonly #view = new DataView(this.#out.buffer);
  readonly #woke = new BigInt64Array(1);

  add(fd: number, counted: boolean): void {
    positive('epoll_ctl ADD', cEpollAdd(this.#fd, fd, epollIn, counted ? 1 : 0));
  }

  /**
   * A control file that the kernel notifies, or a pressure trigger (EPOLLPRI). Told once a notice: the file of a group that is gone
   * stays ready for ever, and would keep the wait from waiting.
   */
  addNotified(fd: number): void {
    positive('epoll_ctl ADD', cEpollAdd(this.#fd, fd, epollPri | epollEdge, 0));
  }

  remove(fd: number): void {
    positive('epoll_ctl DEL', cEpollRemove(this.#fd, fd));
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Waits for the next sources; `wokeNs` is CLOCK_MONOTONIC (process.hrtime's clock) when the waiting call returned. */
  wait(): Promise<{ readonly ready: Ready[]; readonly wokeNs: bigint }> {
    return new Promise((resolve, reject) => {
      cWait.async(this.#fd, this.#out, this.#woke, (error: unknown, n: number) => {
        if (error) return reject(error);
        // A signal for the process may interrupt the wait: nothing happened.
        if (n < 0 && errnoName(-n) !== 'EINTR') return reject(new KernelError('epoll_wait', -n));
        const ready: Ready[] = [];
        for (let i = 0; i < n; i++) {
          const at = i * READY_BYTES;
          ready.push({
            fd: this.#view.getInt32(at, true),
            events: this.#view.getUint32(at + 4, true),
            count: Number(this.#view.getBigUint64(at + 8, true)),
          });
        }
        resolve({ ready, wokeNs: this.#woke[0] ?? 0n });
      });
    });
  }
}

export interface ReadRequest {
  /** -1 is passed over; `unheld(k)` stands for a file that is opened now, by the path at byte k of `paths`. */
  readonly fds: Int32Array;
  /** Paths, each with a NUL behind it. */
  readonly paths: Uint8Array;
  /** Where the contents go, one behind the other. */
  readonly now: Uint8Array;
  /** Bytes of each file, or -errno. */
  readonly lengths: Int32Array;
  /** Contents and lengths of the last time. */
  readonly before: Uint8Array;
  readonly beforeLengths: Int32Array;
  /** Gets pairs of index and offset in `now` for each file that says something else than last time. */
  readonly changed: Int32Array;
}

/** What stands in place of a descriptor for a file that is not held. */
export function unheld(pathOffset: number): number {
  return -2 - pathOffset;
}

/** A length that no file has: it was never read. */
export const NEVER_READ = -0x80000000;

/**
 * Reads many files from their start on a thread of the pool, and finds those that changed.
 * @param each at most so many bytes of one file
 * @returns how many files were read (fewer than asked when `now` is full) and how many of them changed
 */
export function readChanged(request: ReadRequest, each: number): Promise<{ readonly read: number; readonly changes: number }> {
  const { fds, paths, now, lengths, before, beforeLengths, changed } = request;
  const changes = new Int32Array(1);
  return new Promise((resolve, reject) => {
    cReadChanged.async(
      fds,
      fds.length,
      paths,
      now,
      now.length,
      each,
      lengths,
      before,
      beforeLengths,
      changed,
      changes,
      (error: unknown, read: number) => (error ? reject(error) : resolve({ read, changes: changes[0] ?? 0 })),
    );
  });
}

/** An allow rule as native/kernel/device-rules.h has it. */
export interface KernelDeviceRule {
  /** 0 for either, 1 for block and 2 for character devices. */
  readonly type: number;
  /** -1 for all. */
  readonly major: number;
  readonly minor: number;
  /** Bits: 1 mknod, 2 read, 4 write. */
  readonly access: number;
}

/** A program of type cgroup_device that is attached to a group. */
export interface DeviceProgram {
  readonly id: number;
  readonly name: string;
  readonly ours: boolean;
  /** What it was compiled from; undefined for a program of others, and for ours where the kernel does not show its instructions. */
  readonly rules?: readonly KernelDeviceRule[];
}

const deviceSteps = ['open', 'load', 'query', 'attach'] as const;

/** A refusal by bpf(2), or by the group's folder. */
export class DeviceProgramError extends KernelError {
  readonly step: (typeof deviceSteps)[number];
  /** The end of what the verifier said, where it was asked. */
  readonly log: string;

  constructor(errno: number, step: number, log: string) {
    super(`bpf ${deviceSteps[step - 1] ?? step}`, errno);
    this.step = deviceSteps[step - 1] ?? 'load';
    this.log = log;
  }
}

const MOST_PROGRAMS = 64;
const PROGRAM_BYTES = 28;
const PROGRAM_NAME_BYTES = 16;
const MOST_RULES = 128;
const RULE_FIELDS = 4;
const VERIFIER_LOG_BYTES = 2048;

/** A text up to its NUL, or the whole of it. */
function textIn(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString('utf8');
}

/** Runs a call on a thread of the pool: the kernel takes locks that others may hold for milliseconds. */
function onDevices(
  call: (step: Int32Array, done: (error: unknown, result: number) => void) => void,
  log = new Uint8Array(1),
): Promise<number> {
  const step = new Int32Array(1);
  return new Promise((resolve, reject) => {
    call(step, (error, result) => {
      if (error) reject(error);
      else if (result < 0) reject(new DeviceProgramError(-result, step[0] ?? 0, textIn(log)));
      else resolve(result);
    });
  });
}

/**
 * Attaches a program for these rules to the group of cgroup v2 at `dir`, in place of an earlier one of ours: at no moment does none hold.
 * @throws DeviceProgramError
 */
export async function setDeviceRules(dir: string, rules: readonly KernelDeviceRule[]): Promise<void> {
  const packed = Int32Array.from(rules.flatMap(({ type, major, minor, access }) => [type, major, minor, access]));
  const log = new Uint8Array(VERIFIER_LOG_BYTES);
  await onDevices((step, done) => cDeviceRulesSet.async(dir, packed, rules.length, step, log, log.length, done), log);
}

/** Takes our programs away from the group. @returns how many there were @throws DeviceProgramError */
export function liftDeviceRules(dir: string): Promise<number> {
  return onDevices((step, done) => cDeviceRulesLift.async(dir, step, done));
}

/** The programs that are attached to the group itself. @throws DeviceProgramError */
export async function devicePrograms(dir: string): Promise<DeviceProgram[]> {
  const out = new Uint8Array(MOST_PROGRAMS * PROGRAM_BYTES);
  const rules = new Int32Array(MOST_RULES * RULE_FIELDS);
  const count = await onDevices((step, done) => cDevicePrograms.async(dir, out, rules, step, done));
  const view = new DataView(out.buffer);
  let used = 0;
  const takeRule = (): KernelDeviceRule => {
    const [type = 0, major = 0, minor = 0, access = 0] = rules.subarray(used, used + RULE_FIELDS);
    used += RULE_FIELDS;
    return { type, major, minor, access };
  };
  return Array.from({ length: count }, (_, i) => {
    const at = i * PROGRAM_BYTES;
    const known = view.getInt32(at + 8, true);
    const name = textIn(out.subarray(at + PROGRAM_BYTES - PROGRAM_NAME_BYTES, at + PROGRAM_BYTES));
    const base = { id: view.getUint32(at, true), name, ours: view.getInt32(at + 4, true) !== 0 };
    return known < 0 ? base : { ...base, rules: Array.from({ length: known }, takeRule) };
  });
}
