// The mounts that a path can reach, from the text of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)); for the agent and the supervisor.

export interface Mount {
  readonly id: string;
  readonly parent: string;
  /** The file system's "major:minor": all mounts of one hierarchy have the same. */
  readonly device: string;
  /** The directory of the file system that is shown at `mountPoint`. */
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
  /** What was mounted, such as /dev/sda2; any text for most types. */
  readonly source: string;
  /** Options of the file system, such as a v1 hierarchy's controllers. */
  readonly superOptions: readonly string[];
  /** The mount, or the whole file system. */
  readonly readOnly: boolean;
}

/** The kernel writes blanks, tabs, newlines, backslashes, and some other characters as octal numbers (seq_path, mangle_path). */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function parseMount(line: string): Mount | undefined {
  const fields = line.split(' ');
  // Any number of optional fields ends with "-"; the source of the mount, which anybody may choose, can be "-" or empty as well.
  const separator = fields.indexOf('-', 6);
  const [id = '', parent = '', device = '', root = '', mountPoint = '', options = ''] = fields;
  const [, type = '', source = '', superText] = fields.slice(separator);
  if (separator < 0 || superText === undefined || !mountPoint.startsWith('/')) return undefined;
  // A security label may have commas within quotes.
  const superOptions: readonly string[] = superText.match(/(?:[^",]|"[^"]*")+/g) ?? [];
  return {
    id,
    parent,
    device,
    root: unescapeOctal(root),
    mountPoint: unescapeOctal(mountPoint),
    type,
    source: unescapeOctal(source),
    superOptions: superOptions.map(unescapeOctal),
    readOnly: superOptions.includes('ro') || options.split(',').includes('ro'),
  };
}

/** Each directory above a path, the outermost first: "/", "/sys", "/sys/fs" for "/sys/fs/cgroup". */
function* foldersAbove(path: string): Iterable<string> {
  if (path === '/') return;
  yield '/';
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) yield path.slice(0, at);
}

/** A mount is found from its parent's and its mount point. */
const place = (parent: string, mountPoint: string) => `${parent} ${mountPoint}`;
/** The first file system of the machine is its own parent. */
const placeOf = ({ id, parent, mountPoint }: Mount) => place(parent === id ? '' : parent, mountPoint);

/**
 * The mounts that are found by their mount point: not those under a mount on the same directory, or on one above.
 * @param mountinfo a line that does not end has been cut, and is left out
 */
export function visibleMounts(mountinfo: string): Mount[] {
  const mounts = mountinfo
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => parseMount(line) ?? []);
  const byId = new Map(mounts.map((mount) => [mount.id, mount]));
  const mounted = new Map(mounts.map((mount) => [placeOf(mount), mount]));
  // By the parents and not by the order of lines, which is not that of the mounts after a move.
  const isCovered = (mount: Mount) =>
    mounted.get(placeOf(mount)) !== mount || [...foldersAbove(mount.mountPoint)].some((folder) => mounted.has(place(mount.parent, folder)));
  const reachable = new Map<Mount, boolean>();
  const isReachable = (mount: Mount): boolean => {
    const chain: Mount[] = [];
    let at: Mount | undefined = mount;
    for (; at && !reachable.has(at); at = at.parent === at.id ? undefined : byId.get(at.parent)) {
      // Ends also where parents are a circle, which only a damaged text has.
      reachable.set(at, true);
      chain.push(at);
    }
    let above = at ? reachable.get(at) === true : true;
    for (const below of chain.reverse()) {
      above &&= !isCovered(below);
      reachable.set(below, above);
    }
    return reachable.get(mount) === true;
  };
  return mounts.filter((mount) => !mounted.has(place(mount.id, mount.mountPoint)) && isReachable(mount));
}

/** A path below the mount's mount point, in its file system. */
export function pathIn({ root, mountPoint }: Mount, path: string): string {
  const below = mountPoint === '/' ? path : path.slice(mountPoint.length);
  return root === '/' ? below || '/' : root + below;
}

/** The mount that shows a path; undefined if none does. @param mounts of `visibleMounts` */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const byPoint = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  return [path, ...[...foldersAbove(path)].reverse()].flatMap((folder) => byPoint.get(folder) ?? [])[0];
}
