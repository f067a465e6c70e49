// The command line of qemu for one machine: software emulation only, nothing of the host but the shared folder and forwarded ports.
import { join } from 'node:path';
import { folderOf, type Kernel } from './parts.ts';

/** A port of 127.0.0.1 here, and the port of 127.0.0.1 in the guest that it leads to. */
export interface Forward {
  readonly host: number;
  readonly guest: number;
}

export interface Hardware {
  readonly kernel: Kernel;
  readonly memoryMiB: number;
  readonly processors: number;
  readonly forward: readonly Forward[];
}

export const qemuLibraries = (): string =>
  ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((path) => join(folderOf('qemu'), path)).join(':');
export const virtiofsd = (): string => join(folderOf('qemu'), 'usr/lib/qemu/virtiofsd');

const leading = ({ host, guest }: Forward): string => `hostfwd=tcp:127.0.0.1:${host}-127.0.0.1:${guest}`;

/** @param work the folder with the initramfs, the disks and the socket of the shared folder */
export function qemuCommand({ kernel, memoryMiB, processors, forward }: Hardware, work: string): string[] {
  const disk = (name: string): string[] => [
    ...['-drive', `if=none,id=${name},file=${work}/${name},format=raw,cache=unsafe`],
    ...['-device', `virtio-blk-pci,drive=${name}`],
  ];
  return [
    join(folderOf('qemu'), 'usr/bin/qemu-system-x86_64'),
    ...['qemu', 'seabios'].flatMap((name) => ['-L', join(folderOf('qemu'), 'usr/share', name)]),
    // Never kvm: where it can be opened without being usable, the guest hangs. Without rdrand, Node waits for entropy. With cx16 the kernel's allocator
    // uses cmpxchg16b, after which qemu 7.2 took an address for the flags: once in many hours an interrupt right there ended the kernel.
    ...['-accel', 'tcg,thread=multi', '-cpu', 'Nehalem,+rdrand,-cx16', '-smp', String(processors), '-m', String(memoryMiB)],
    ...['-machine', 'q35,memory-backend=memory', '-object', `memory-backend-memfd,id=memory,size=${memoryMiB}M,share=on`],
    ...['-nodefaults', '-no-user-config', '-nographic', '-no-reboot', '-serial', `file:${work}/console`],
    ...['-kernel', join(folderOf(`kernel-${kernel}`), 'kernel'), '-initrd', `${work}/initramfs`],
    // The other processors come once the guest has made its first groups. The kernel's trial of its timer counts ticks in a busy loop: on a busy host
    // too few come, and it panics (“IO-APIC + timer doesn't work!”).
    ...['-append', 'console=ttyS0 loglevel=4 panic=-1 mitigations=off nokaslr maxcpus=1 no_timer_check'],
    ...['-chardev', `socket,id=files,path=${work}/files.socket`, '-device', 'vhost-user-fs-pci,chardev=files,tag=host'],
    ...['-chardev', 'stdio,id=output,signal=off', '-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=output'],
    // In the guest: /dev/vda to limit, /dev/vdb for swap, /dev/vdc for temporary files.
    ...disk('disk'),
    ...disk('swap'),
    ...disk('scratch'),
    ...(forward.length === 0
      ? []
      : [
          ...['-netdev', ['user,id=net,restrict=on', ...forward.map(leading)].join(',')],
          ...['-device', 'virtio-net-pci,netdev=net,romfile='],
        ]),
  ];
}
