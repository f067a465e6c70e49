// The limits that a guard writes to a group, and what it records to restore.
import { ProblemError } from '../../contract/problems.ts';
import { limitBytes } from '../../contract/units.ts';
import type { GuardRecord } from './guard-record.ts';
import { type GuardedFiles, roundDown } from './guarded-files.ts';
import { FREEZER, killDisabled, LIMIT, MEMSW, OOM } from './v1-mechanism.ts';

export interface GuardLimits {
  /** The usage at which the group is frozen: rounded down to 64 KiB. */
  readonly freezeAtBytes: number;
  /** v2: the hard limit, which leaves room to grow until all tasks have stopped; if absent, the group's own. v1 needs none. */
  readonly hardLimitBytes?: number | undefined;
}

/** Which group it is, and that it is still the same after a restart. */
export type Identity = Pick<GuardRecord, 'group' | 'boot' | 'inode' | 'version'>;

/** @param lines undefined for a guard that changes no limit. @throws ProblemError if the limits are in the wrong order, the group is frozen, or the hard limit would kill */
export async function newRecord(files: GuardedFiles, identity: Identity, lines: GuardLimits | undefined): Promise<GuardRecord> {
  const { group, version } = identity;
  if (lines === undefined) return freezeOnly(files, identity);
  const { freezeAtBytes, hardLimitBytes } = lines;
  const limit = roundDown(freezeAtBytes);
  if (!(limit > 0)) throw new ProblemError('invalid', 'A guard needs a limit of at least 64 KiB.', { asked: String(freezeAtBytes) });
  const common = { ...identity, freezeAtBytes: limit, hardLimitAsked: hardLimitBytes !== undefined };
  if (version === 1) {
    const before = await readAll(files, [LIMIT, MEMSW, FREEZER]);
    refuseFrozen(group, before[FREEZER] === undefined || before[FREEZER] === 'THAWED');
    const text = String(limit);
    return {
      ...common,
      before: { ...before, [OOM]: killDisabled(await files.read(OOM)) },
      ours: { [LIMIT]: [text], [MEMSW]: [text], [FREEZER]: ['FROZEN', 'FREEZING'] },
    };
  }
  const before = await readAll(files, ['memory.high', 'memory.max', 'cgroup.freeze']);
  refuseFrozen(group, before['cgroup.freeze'] === '0');
  const hardLimit = hardLimitBytes === undefined ? limitBytes(before['memory.max'] ?? 'max') : roundDown(hardLimitBytes);
  if (!(hardLimit > limit))
    throw new ProblemError(
      'invalid',
      `The hard limit (${hardLimit} bytes) must be higher than the guard’s limit (${limit}): the kernel kills at the hard limit.`,
      {
        file: `${group}/memory.max`,
      },
    );
  const usage = Number(await files.read('memory.current'));
  if (!(hardLimit > usage))
    throw new ProblemError('busy', `${group} uses ${usage} bytes: with a hard limit of ${hardLimit} the kernel would kill at once.`, {
      file: `${group}/memory.max`,
    });
  const bounded = Number.isFinite(hardLimit);
  return {
    ...common,
    ...(bounded ? { marginBytes: hardLimit - limit } : {}),
    before,
    ours: { 'memory.high': [String(limit), 'max'], 'memory.max': bounded ? [String(hardLimit)] : [], 'cgroup.freeze': ['1'] },
  };
}

/** Of a guard that only freezes. */
async function freezeOnly(files: GuardedFiles, identity: Identity): Promise<GuardRecord> {
  const file = identity.version === 1 ? FREEZER : 'cgroup.freeze';
  const [thawed, ours] = identity.version === 1 ? ['THAWED', ['FROZEN', 'FREEZING']] : ['0', ['1']];
  if (!files.has(file)) throw new ProblemError('unsupported', `${identity.group} cannot be frozen here: there is no ${file}.`, { file });
  refuseFrozen(identity.group, (await files.read(file)) === thawed);
  return { ...identity, hardLimitAsked: false, before: { [file]: String(thawed) }, ours: { [file]: [...ours] } };
}

async function readAll(files: GuardedFiles, names: readonly string[]): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const optional = name === MEMSW || name === FREEZER;
    if (!optional || files.has(name)) texts[name] = await files.read(name).catch((error: unknown) => absent(optional, error));
  }
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}

/** A machine that does not account swap has no limit for it. */
function absent(optional: boolean, error: unknown): string {
  if (optional && error instanceof ProblemError && error.problem.errno === 'ENOENT') return '';
  throw error;
}

function refuseFrozen(group: string, thawed: boolean): void {
  if (!thawed) throw new ProblemError('conflict', `${group} is frozen: thaw it before you arm a guard.`, { file: group });
}

/**
 * The record with a higher line, and a hard limit above it. A lower limit from before is not restored, since the user has given more.
 * @param ownBytes the group's own limit from now on; by default it is raised only where the line would exceed it
 */
export function raised(record: GuardRecord, freezeAtBytes: number, ownBytes?: number): GuardRecord {
  const { marginBytes, hardLimitAsked } = record;
  const hardLimit = marginBytes === undefined ? undefined : (record.freezeAtBytes ?? 0) + marginBytes;
  // The group's own hard limit stays while it is above the guard's limit.
  const kept =
    hardLimit === undefined ? undefined : !hardLimitAsked && hardLimit > freezeAtBytes ? hardLimit : freezeAtBytes + (marginBytes ?? 0);
  const newHardLimit = ownBytes ?? kept;
  const limits: Record<string, number | undefined> =
    record.version === 1
      ? { [LIMIT]: freezeAtBytes, [MEMSW]: freezeAtBytes }
      : { 'memory.high': freezeAtBytes, 'memory.max': newHardLimit };
  const before = { ...record.before };
  const ours = { ...record.ours };
  for (const [file, bytes] of Object.entries(limits)) {
    if (bytes === undefined) continue;
    ours[file] = [...(ours[file] ?? []), String(bytes)];
    const wanted = file === 'memory.high' ? bytes : Math.max(bytes, ownBytes ?? 0);
    const had = before[file];
    if (had !== undefined && limitBytes(had) < wanted) before[file] = String(wanted);
  }
  return {
    ...record,
    freezeAtBytes,
    // It is written now.
    ...(ownBytes === undefined ? {} : { hardLimitAsked: true }),
    ...(newHardLimit === undefined ? {} : { marginBytes: newHardLimit - freezeAtBytes }),
    before,
    ours,
  };
}

/** The record of a group that others have frozen, whose freezer is not the guard's to restore; or of one that they have thawed again. */
export function withoutFreeze(record: GuardRecord, isFrozen: boolean): GuardRecord {
  const file = record.version === 1 ? FREEZER : 'cgroup.freeze';
  const { [file]: had, ...before } = record.before;
  if (isFrozen) return had === undefined ? record : { ...record, before };
  return had === undefined ? { ...record, before: { ...before, [file]: record.version === 1 ? 'THAWED' : '0' } } : record;
}
