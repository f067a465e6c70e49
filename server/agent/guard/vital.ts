// The processes that the machine and the people on it depend on: a group that contains one is never held.
import { readlinkSync } from 'node:fs';
import { commOf, ownNamespaces } from '../act/process-table.ts';

const VITAL = new Set([
  ...['init', 'systemd', 'systemd-logind', 'login', 'sshd', 'sshd-session', 'dbus-daemon', 'dbus-broker', 'dbus-broker-lau'],
  ...['gdm', 'sddm', 'lightdm', 'Xorg', 'Xwayland', 'gnome-shell', 'kwin_wayland', 'kwin_x11', 'sway'],
]);
/** Of a group with more, the others are not asked. */
const MOST = 500;

/** @returns "sshd (pid 12)"; undefined if there is none. Those of a container, which has pids of its own, are its own matter. */
export function vitalAmong(pids: readonly number[]): string | undefined {
  for (const pid of pids.slice(0, MOST)) {
    const comm = commOf(pid);
    if (VITAL.has(comm) && isOfTheMachine(pid)) return `${comm} (pid ${pid})`;
  }
  return undefined;
}

function isOfTheMachine(pid: number): boolean {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/pid`))?.[1]) === ownNamespaces.get('pid');
  } catch {
    return false;
  }
}
