// The files in the script: the host’s root read-only or a directory as root, a layer over it, and directories of the host.
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { parseSize } from '../../server/contract/units.ts';
import { quoteWord } from './argv.ts';

/** The folder of kept layers, as the script names it: only the server knows the state folder. */
const LAYERS = '/var/lib/cgdeck/layers';

export interface FileSteps {
  /** Before entering the namespaces. */
  readonly outside: readonly string[];
  /** In the new mount namespace. */
  readonly inside: readonly string[];
  /** The new root, as a word of the shell; undefined: the root stays. */
  readonly root: string | undefined;
}

export function fileSteps(request: LaunchRequest, hostId: number): FileSteps {
  const { namespaces, rootfs, overlay, rootfsWritable, binds, tmpSize = '256M', shmSize } = request;
  if (!namespaces.includes('mnt')) return { outside: [], inside: [], root: undefined };
  const root = overlay ? '"$layer/root"' : rootfs === undefined ? undefined : quoteWord(rootfs);
  const at = (path: string) => (root === undefined ? quoteWord(path) : `${root}${quoteWord(path)}`);
  const readOnly = root === undefined || !(overlay || rootfsWritable);
  return {
    outside: [
      ...(overlay ? layerLines(overlay.layer, hostId) : []),
      '# /var/tmp is its own folder on disk.',
      'export scratch="$(mktemp -d)"',
      `chown ${hostId}:${hostId} "$scratch"`,
      '',
    ],
    inside: [
      ...(overlay
        ? [`mount -t overlay -o lowerdir=${quoteWord(rootfs ?? '/')},upperdir="$layer/upper",workdir="$layer/work" overlay "$layer/root"`]
        : [`mount --rbind ${root ?? '/'} ${root ?? '/'}`]),
      ...binds.flatMap(({ source, target, writable }) => [
        `mount --rbind ${quoteWord(source)} ${at(target ?? source)}`,
        ...(writable ? [] : [`mount -o remount,bind,ro ${at(target ?? source)}`]),
      ]),
      ...(readOnly ? [`mount -o remount,bind,ro ${root ?? '/'}`] : []),
      ...(root !== undefined && namespaces.includes('pid') ? [`mount -t proc proc ${at('/proc')}`] : []),
      `mount -t tmpfs -o size=${parseSize(tmpSize)} tmpfs ${at('/tmp')}`,
      ...(shmSize === undefined ? [] : [`mount -t tmpfs -o size=${parseSize(shmSize)} tmpfs ${at('/dev/shm')}`]),
      `mount -t tmpfs tmpfs ${at('/run')}`,
      `mkdir ${at('/run/home')}`,
      ...(namespaces.includes('user') ? [] : [`chown ${hostId}:${hostId} ${at('/run/home')}`]),
      `mount --bind "$scratch" ${at('/var/tmp')}`,
    ],
    root,
  };
}

function layerLines(kept: string | undefined, hostId: number): string[] {
  return [
    kept === undefined ? '# Writes go to a new layer.' : '# Writes go to a layer over the kept one.',
    'export layer="$(mktemp -d)"',
    'mkdir "$layer/upper" "$layer/work" "$layer/root"',
    ...(kept === undefined ? [] : [`cp -a ${quoteWord(`${LAYERS}/${kept}`)}/. "$layer/upper"`]),
    `chown ${hostId}:${hostId} "$layer/upper"`,
    '',
  ];
}
