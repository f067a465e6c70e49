// Fetches the parts that are named and not there yet. Started under the cache's lock by prepareParts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backport, download, namesFor, newest, original, unpack } from './debian.ts';
import { kernelOf } from './kernel-image.ts';
import { folderOf, isWhole, KERNELS, makePart, type Part } from './parts.ts';

/**
 * Named, so that they come even where one is installed: what else qemu needs comes where this machine does not have it. Why not Debian 12's
 * own qemu: README.md, “Traps”.
 */
const QEMU = [...['qemu-system-x86', 'qemu-system-common', 'qemu-system-data', 'seabios'].map(backport), 'busybox-static'];
/** It shares the host's files, and came with qemu until 8.0. */
const WITH_VIRTIOFSD = original('qemu-system-common');
const VIRTIOFSD = 'usr/lib/qemu/virtiofsd';
const UNUSED = ['usr/share/doc', 'usr/share/man', 'usr/share/locale'];

/** In the order in which they have to be loaded; a kernel that has one built in has no file for it. */
const MODULES = [
  'virtio_ring',
  'virtio',
  'virtio_pci_modern_dev',
  'virtio_pci_legacy_dev',
  'virtio_pci',
  'virtio_console',
  'virtio_blk',
  'failover',
  'net_failover',
  'virtio_net',
  'fuse',
  'virtiofs',
  'overlay',
  // Of routed networks: their devices, their rates, and the translation of their addresses.
  'veth',
  'sch_tbf',
  'libcrc32c',
  'nfnetlink',
  'nf_tables',
  'nf_defrag_ipv4',
  'nf_defrag_ipv6',
  'nf_conntrack',
  'nf_nat',
  'nft_ct',
  'nft_masq',
  'nft_chain_nat',
];

const LARGEST_MODULE_BYTES = 16 * 1024 * 1024;

async function fillQemu(folder: string): Promise<void> {
  const debs = join(folder, 'debs');
  await download(await namesFor(QEMU), debs);
  await unpack(debs, folder);
  const older = join(folder, 'older');
  await download([WITH_VIRTIOFSD], debs);
  await unpack(debs, older);
  renameSync(join(older, VIRTIOFSD), join(folder, VIRTIOFSD));
  rmSync(older, { recursive: true });
  for (const path of UNUSED) rmSync(join(folder, path), { recursive: true, force: true });
}

async function fillKernel(version: string, folder: string): Promise<void> {
  const debs = join(folder, 'debs');
  const whole = join(folder, 'whole');
  await download([await newest(`linux-image-${version}.`, '-cloud-amd64')], debs);
  await unpack(debs, whole);
  const files = readdirSync(whole, { recursive: true, encoding: 'utf8' });
  const image = files.find((path) => path.startsWith('boot/vmlinuz-'));
  if (image === undefined) throw new Error(`Debian's kernel ${version} came without an image.`);
  writeFileSync(join(folder, 'kernel'), kernelOf(readFileSync(join(whole, image))));
  mkdirSync(join(folder, 'modules'));
  MODULES.forEach((name, index) => {
    const path = files.find((each) => each.endsWith(`/${name}.ko`) || each.endsWith(`/${name}.ko.xz`));
    if (path === undefined) return;
    const target = join(folder, 'modules', `${String(index).padStart(2, '0')}-${name}.ko`);
    if (path.endsWith('.xz'))
      writeFileSync(
        target,
        execFileSync(join(folderOf('qemu'), 'bin/busybox'), ['xzcat', join(whole, path)], { maxBuffer: LARGEST_MODULE_BYTES }),
      );
    else renameSync(join(whole, path), target);
  });
  rmSync(whole, { recursive: true });
}

for (const part of process.argv.slice(2) as Part[]) {
  // Another process may have fetched it while this one waited for the lock.
  if (isWhole(part)) continue;
  const version = KERNELS.find((kernel) => part === `kernel-${kernel}`);
  console.log(version ? `Fetching Debian's kernel ${version} …` : 'Fetching qemu …');
  await makePart(part, (folder) => (version ? fillKernel(version, folder) : fillQemu(folder)));
}
