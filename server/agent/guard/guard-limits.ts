// The limits that a guard writes to a group, and what it records to restore.
import { ProblemError } from '../../contract/problems.ts';
import { limitBytes } from '../../contract/units.ts';
import { NO_MEMSW_ON_V2, NO_SWAP_COUNTED } from './guard-lines.ts';
import type { GuardRecord } from './guard-record.ts';
import { type GuardedFiles, roundDown } from './guarded-files.ts';
import { FREEZER, killDisabled, LIMIT, limitsOf, MEMSW, MEMSW_USAGE, OOM, USAGE } from './v1-mechanism.ts';

export interface GuardLimits {
  /** The usage at which the group is frozen: rounded down to 64 KiB. */
  readonly freezeAtBytes?: number | undefined;
  /** v1: the usage of memory and swap together at which it is frozen. */
  readonly memswBytes?: number | undefined;
  /** v2: the hard limit, which leaves room to grow until all tasks have stopped; if absent, the group's own. v1 needs none. */
  readonly hardLimitBytes?: number | undefined;
}

/** Which group it is, that it is still the same after a restart, and whose guard. */
export type Identity = Pick<GuardRecord, 'group' | 'boot' | 'inode' | 'version' | 'pattern'>;

/** @param lines undefined for a guard that changes no limit. @throws ProblemError if the limits are in the wrong order, the group is frozen, or the hard limit would kill */
export async function newRecord(files: GuardedFiles, identity: Identity, lines: GuardLimits | undefined): Promise<GuardRecord> {
  const { group, version } = identity;
  if (version === 2) await refuseThreaded(files, group);
  if (lines === undefined) return freezeOnly(files, identity);
  const { freezeAtBytes, memswBytes, hardLimitBytes } = lines;
  for (const asked of [freezeAtBytes, memswBytes])
    if (asked !== undefined && !(roundDown(asked) > 0))
      throw new ProblemError('invalid', 'A guard needs a limit of at least 64 KiB.', { asked: String(asked) });
  if (version === 1) return recordV1(files, identity, lines);
  if (freezeAtBytes === undefined) throw new ProblemError('unsupported', NO_MEMSW_ON_V2, { file: group });
  const limit = roundDown(freezeAtBytes);
  const common = { ...identity, freezeAtBytes: limit, hardLimitAsked: hardLimitBytes !== undefined };
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

async function recordV1(files: GuardedFiles, identity: Identity, { freezeAtBytes, memswBytes }: GuardLimits): Promise<GuardRecord> {
  const { group } = identity;
  const before = await readAll(files, [LIMIT, MEMSW, FREEZER]);
  refuseFrozen(group, before[FREEZER] === undefined || before[FREEZER] === 'THAWED');
  if (memswBytes !== undefined && before[MEMSW] === undefined)
    throw new ProblemError('unsupported', NO_SWAP_COUNTED, { file: `${group}/${MEMSW}` });
  const memsw = memswBytes === undefined ? undefined : roundDown(memswBytes);
  // Memory alone never reaches a line that memory and swap reach first.
  const line = freezeAtBytes === undefined || freezeAtBytes >= (memsw ?? Number.POSITIVE_INFINITY) ? undefined : roundDown(freezeAtBytes);
  // The line was found by a limit that was replaced meanwhile.
  if (line !== undefined && line > limitBytes(before[LIMIT] ?? 'max')) throw written(group, LIMIT);
  const record = {
    ...identity,
    ...(line === undefined ? {} : { freezeAtBytes: line }),
    ...(memsw === undefined ? {} : { memswBytes: memsw }),
    hardLimitAsked: false,
    before: { ...before, [OOM]: killDisabled(await files.read(OOM)) },
  };
  const limits = limitsOf(record);
  return {
    ...record,
    ours: { [LIMIT]: [String(limits.memory)], [MEMSW]: [String(limits.memsw ?? limits.memory)], [FREEZER]: ['FROZEN', 'FREEZING'] },
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

/** @throws ProblemError conflict if a limit has another value than the record gives back */
export async function refuseChanged(files: GuardedFiles, { group, before }: GuardRecord): Promise<void> {
  for (const file of [LIMIT, MEMSW, 'memory.high', 'memory.max']) {
    if (before[file] === undefined || (await files.read(file)) === before[file]) continue;
    throw written(group, file);
  }
}

function written(group: string, file: string): ProblemError {
  return new ProblemError('conflict', `${file} of ${group} was written while its guard was armed: that is tried again in a moment.`, {
    file: `${group}/${file}`,
  });
}

/** A machine that does not account swap has no limit for it. */
function absent(optional: boolean, error: unknown): string {
  if (optional && error instanceof ProblemError && error.problem.errno === 'ENOENT') return '';
  throw error;
}

/** What its threads use is charged to the domain group above (cgroup-v2.rst, “Threads”). */
async function refuseThreaded(files: GuardedFiles, group: string): Promise<void> {
  const file = 'cgroup.type';
  const type = files.has(file) ? await files.read(file).catch(() => '') : '';
  if (type === 'threaded' || type === 'domain invalid')
    throw new ProblemError(
      'unsupported',
      `${group} is ${type === 'threaded' ? 'threaded' : 'below a threaded group'} and has no memory of its own, which is charged to the domain group above it: guard that one.`,
      { file: `${group}/${file}` },
    );
}

function refuseFrozen(group: string, thawed: boolean): void {
  if (!thawed) throw new ProblemError('conflict', `${group} is frozen: thaw it before you arm a guard.`, { file: group });
}

/** What a release raises; what is absent stays. All in bytes. */
export interface Raise {
  /** The line. */
  readonly raiseTo?: number | undefined;
  /** The group's own limit from now on; by default it is raised only where the line would exceed it. */
  readonly ownBytes?: number | undefined;
  /** The same of memory and swap together. */
  readonly memswTo?: number | undefined;
  readonly memswOwnBytes?: number | undefined;
}

/** The record with a higher line, and a hard limit above it. A lower limit from before is not restored, since the user has given more. */
export function raised(record: GuardRecord, raise: Raise): GuardRecord {
  if (record.version === 1) return raisedV1(record, raise);
  const { raiseTo: freezeAtBytes = record.freezeAtBytes ?? 0, ownBytes } = raise;
  const { marginBytes, hardLimitAsked } = record;
  const hardLimit = marginBytes === undefined ? undefined : (record.freezeAtBytes ?? 0) + marginBytes;
  // The group's own hard limit stays while it is above the guard's limit.
  const kept =
    hardLimit === undefined ? undefined : !hardLimitAsked && hardLimit > freezeAtBytes ? hardLimit : freezeAtBytes + (marginBytes ?? 0);
  const newHardLimit = ownBytes ?? kept;
  // Its own limit until now is its own alone: who writes that again wants it, whatever it was raised to.
  const written = (record.ours['memory.max'] ?? []).filter((text) => text !== record.before['memory.max']);
  return {
    ...record,
    freezeAtBytes,
    // It is written now.
    ...(ownBytes === undefined ? {} : { hardLimitAsked: true }),
    ...(newHardLimit === undefined ? {} : { marginBytes: newHardLimit - freezeAtBytes }),
    before: atLeast(record.before, { 'memory.high': freezeAtBytes, 'memory.max': newHardLimit && Math.max(newHardLimit, ownBytes ?? 0) }),
    ours: withTexts({ ...record.ours, 'memory.max': written }, { 'memory.high': freezeAtBytes, 'memory.max': newHardLimit }),
  };
}

/** The limit of memory and swap together is at or above that of memory at every moment. */
function raisedV1(record: GuardRecord, { raiseTo, ownBytes, memswTo = 0, memswOwnBytes = 0 }: Raise): GuardRecord {
  const line = raiseTo ?? record.freezeAtBytes;
  const own = Math.max(raiseTo ?? 0, ownBytes ?? 0);
  const memsw = record.memswBytes === undefined ? undefined : Math.max(record.memswBytes, memswTo, raiseTo ?? ownBytes ?? 0);
  const before = atLeast(record.before, { [LIMIT]: own, [MEMSW]: Math.max(own, memsw ?? 0, memswOwnBytes) });
  const lines = { ...(line === undefined ? {} : { freezeAtBytes: line }), ...(memsw === undefined ? {} : { memswBytes: memsw }) };
  const limits = limitsOf({ ...record, ...lines, before });
  const ours = withTexts(record.ours, { [LIMIT]: limits.memory, [MEMSW]: limits.memsw ?? limits.memory });
  return { ...record, ...lines, before, ours };
}

/** The record with one more raise by the guard's own steps. */
export function counted(record: GuardRecord): GuardRecord {
  return { ...record, raises: (record.raises ?? 0) + 1 };
}

type Bytes = Readonly<Record<string, number | undefined>>;

function atLeast(before: GuardRecord['before'], wanted: Bytes): GuardRecord['before'] {
  const higher = Object.entries(before).map(([file, had]) => [file, limitBytes(had) < (wanted[file] ?? 0) ? String(wanted[file]) : had]);
  return Object.fromEntries(higher);
}

function withTexts(ours: GuardRecord['ours'], limits: Bytes): GuardRecord['ours'] {
  const written = Object.entries(limits).filter(([, bytes]) => bytes !== undefined);
  return { ...ours, ...Object.fromEntries(written.map(([file, bytes]) => [file, [...(ours[file] ?? []), String(bytes)]])) };
}

/** The record of a group that others have frozen, whose freezer is not the guard's to restore; or of one that they have thawed again. */
export function withoutFreeze(record: GuardRecord, isFrozen: boolean): GuardRecord {
  const file = record.version === 1 ? FREEZER : 'cgroup.freeze';
  const { [file]: had, ...before } = record.before;
  if (isFrozen) return had === undefined ? record : { ...record, before };
  return had === undefined ? { ...record, before: { ...before, [file]: record.version === 1 ? 'THAWED' : '0' } } : record;
}

/** @throws ProblemError invalid for a line that is not above the usage */
export async function refuseAtUsage(files: GuardedFiles, { group, version, freezeAtBytes, memswBytes }: GuardRecord): Promise<void> {
  const lines = [
    [version === 1 ? USAGE : 'memory.current', freezeAtBytes, 'bytes'],
    [MEMSW_USAGE, memswBytes, 'bytes of memory and swap'],
  ] as const;
  for (const [file, line, of] of lines) {
    if (line === undefined) continue;
    const usage = Number(await files.read(file));
    if (line > usage) continue;
    throw new ProblemError('invalid', `${group} uses ${usage} ${of}: raise the limit above that, or it is caught again at once.`, {
      file: `${group}/${file}`,
      asked: String(line),
    });
  }
}
