// The lines of a hold: which values it writes to a group, and what it notes to put back.
import { ProblemError } from '../../contract/problems.ts';
import { limitBytes } from '../../contract/units.ts';
import { type HeldFiles, roundDown } from './held-files.ts';
import type { HoldRecord } from './hold-record.ts';
import { FREEZER, killDisabled, LIMIT, MEMSW, OOM } from './v1-means.ts';

export interface Lines {
  /** Where the group is held: rounded down to 64 KiB. */
  readonly lineBytes: number;
  /** v2: the hard limit above the line, for what grows on until it stands still; the group's own where it is not said. v1 needs none. */
  readonly wallBytes?: number | undefined;
}

/** Which group it is, and that it is still the same after a restart. */
export type Identity = Pick<HoldRecord, 'group' | 'boot' | 'inode' | 'version'>;

/** @throws ProblemError where the lines are in the wrong order, the group is frozen, or the wall would kill */
export async function newRecord(files: HeldFiles, identity: Identity, { lineBytes, wallBytes }: Lines): Promise<HoldRecord> {
  const { group, version } = identity;
  const line = roundDown(lineBytes);
  if (!(line > 0)) throw new ProblemError('invalid', 'A line wants at least 64 KiB.', { asked: String(lineBytes) });
  const common = { ...identity, lineBytes: line, wallAsked: wallBytes !== undefined };
  if (version === 1) {
    const before = await readAll(files, [LIMIT, MEMSW, FREEZER]);
    refuseFrozen(group, before[FREEZER] === undefined || before[FREEZER] === 'THAWED');
    const text = String(line);
    return {
      ...common,
      before: { ...before, [OOM]: killDisabled(await files.read(OOM)) },
      ours: { [LIMIT]: [text], [MEMSW]: [text], [FREEZER]: ['FROZEN', 'FREEZING'] },
    };
  }
  const before = await readAll(files, ['memory.high', 'memory.max', 'cgroup.freeze']);
  refuseFrozen(group, before['cgroup.freeze'] === '0');
  const wall = wallBytes === undefined ? limitBytes(before['memory.max'] ?? 'max') : roundDown(wallBytes);
  if (!(wall > line))
    throw new ProblemError('invalid', `The wall (${wall} bytes) has to stand above the line (${line}): what grows on is killed at it.`, {
      file: `${group}/memory.max`,
    });
  const usage = Number(await files.read('memory.current'));
  if (!(wall > usage))
    throw new ProblemError('busy', `${group} uses ${usage} bytes: with a wall of ${wall} the kernel would kill at once.`, {
      file: `${group}/memory.max`,
    });
  const bounded = Number.isFinite(wall);
  return {
    ...common,
    ...(bounded ? { marginBytes: wall - line } : {}),
    before,
    ours: { 'memory.high': [String(line), 'max'], 'memory.max': bounded ? [String(wall)] : [], 'cgroup.freeze': ['1'] },
  };
}

async function readAll(files: HeldFiles, names: readonly string[]): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const optional = name === MEMSW || name === FREEZER;
    if (!optional || files.has(name)) texts[name] = await files.read(name).catch((error: unknown) => absent(optional, error));
  }
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}

/** Swap is not counted on every machine: then its limit is not there, whatever the registry says. */
function absent(optional: boolean, error: unknown): string {
  if (optional && error instanceof ProblemError && error.problem.errno === 'ENOENT') return '';
  throw error;
}

function refuseFrozen(group: string, thawed: boolean): void {
  if (!thawed) throw new ProblemError('conflict', `${group} is frozen: thaw it before it gets a line.`, { file: group });
}

/** The record with a higher line, and a wall above it. A limit that was lower before does not come back: somebody has given more since. */
export function raised(record: HoldRecord, lineBytes: number): HoldRecord {
  const { marginBytes, wallAsked } = record;
  const wall = marginBytes === undefined ? undefined : record.lineBytes + marginBytes;
  // A limit of the group's own stays where it is as long as it is above the line.
  const newWall = wall === undefined ? undefined : !wallAsked && wall > lineBytes ? wall : lineBytes + (marginBytes ?? 0);
  const limits: Record<string, number | undefined> =
    record.version === 1 ? { [LIMIT]: lineBytes, [MEMSW]: lineBytes } : { 'memory.high': lineBytes, 'memory.max': newWall };
  const before = { ...record.before };
  const ours = { ...record.ours };
  for (const [file, bytes] of Object.entries(limits)) {
    if (bytes === undefined) continue;
    ours[file] = [...(ours[file] ?? []), String(bytes)];
    const had = before[file];
    if (had !== undefined && limitBytes(had) < bytes) before[file] = String(bytes);
  }
  return { ...record, lineBytes, ...(newWall === undefined ? {} : { marginBytes: newWall - lineBytes }), before, ours };
}
