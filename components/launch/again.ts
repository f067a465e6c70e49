// Launches again: with the same request, under the same name once that is free, or through the form.
import type { GroupView } from '../../server/contract/answers.ts';
import type { LaunchRequest } from '../../server/contract/launch.ts';
import type { LaunchAnswer } from '../../server/contract/launched.ts';
import { limitVersions } from '../../server/contract/limit-names.ts';
import type { Readings } from '../../server/contract/readings.ts';
import { MAX } from '../../server/contract/units.ts';
import { isOver } from '../group/launched/launch-words.ts';
import { api, problemOf } from '../live/api.ts';
import { freeName, type LaunchForm, type Machine } from './launch-form.ts';
import { isSizeFile, limitFieldsOn, limitMeaning, limitsOf } from './limits-of-form.ts';
import { formOfRequest } from './requests.ts';

/** The initial form. */
export interface Before {
  readonly request: LaunchRequest;
  /** Viewers do not get the environment. */
  readonly withoutEnv: boolean;
  /** The group’s current limits; absent if the group was removed. */
  readonly readings?: Readings;
}

/** The request of a group’s launch; viewers get it without its environment. @throws ProblemError */
export async function requestBefore(group: string): Promise<Before> {
  const view = await api.group({ path: group });
  try {
    return { request: await api.launchRequest({ group }), withoutEnv: false, readings: view.readings };
  } catch (error) {
    const { code } = problemOf(error);
    if (code !== 'forbidden' || !view.launched?.request) throw error;
    return { request: view.launched.request, withoutEnv: true, readings: view.readings };
  }
}

/** The form for a request, with a free name. */
export function formBefore(
  request: LaunchRequest,
  { managedRoot, hierarchies }: Pick<Machine, 'managedRoot' | 'hierarchies'>,
  taken: readonly string[],
): LaunchForm {
  return { ...formOfRequest(request, limitVersions(hierarchies)), name: freeName(request.name, managedRoot, taken) };
}

/** The kernel rounds a size to whole pages: a smaller difference is no change. */
const PAGE_BYTES = 4096;

function isSame(file: string, before: string | number, now: string | number): boolean {
  const first = limitMeaning(file, before);
  const second = limitMeaning(file, now);
  return first === second || (isSizeFile(file) && Math.abs(Number(first) - Number(second)) < PAGE_BYTES);
}

/** The file’s own text: cpu.max is one line there, and two readings. */
function readingOf(file: string, readings: Readings): string | number | undefined {
  const quota = readings['cpu.max:quota'];
  return file === 'cpu.max' && quota !== undefined ? `${quota} ${readings['cpu.max:period'] ?? ''}`.trim() : readings[file];
}

/**
 * The fields of the group’s current limits that differ from the form: changed since the launch.
 * Without cpuset.cpus: each group has one, asked for or not.
 */
export function movedLimits(form: LaunchForm, readings: Readings): Partial<LaunchForm> | undefined {
  const asked = limitsOf(form);
  let moved: Partial<LaunchForm> = {};
  for (const { file, field, shown, untouched } of limitFieldsOn(form.on)) {
    const reading = readingOf(file, readings);
    if (file === 'cpuset.cpus' || reading === undefined) continue;
    const now = untouched === String(reading) ? MAX : reading;
    if (isSame(file, asked[file] ?? MAX, now)) continue;
    const none = { [field]: field === 'hard' || field === 'soft' ? MAX : '' };
    moved = { ...moved, ...(limitMeaning(file, now) === MAX ? none : shown(now, readings)) };
  }
  return Object.keys(moved).length === 0 ? undefined : moved;
}

/**
 * Launches the same again: under the same name if it has ended, whose group is then removed, and under another while it runs.
 * @throws ProblemError
 */
export async function launchAgain(view: GroupView, managedRoot: string, taken: readonly string[]): Promise<LaunchAnswer> {
  const request = await api.launchRequest({ group: view.path });
  if (!view.launched || !isOver(view.launched)) return await api.launch({ ...request, name: freeName(request.name, managedRoot, taken) });
  try {
    return await api.launch(request);
  } catch (error) {
    if (problemOf(error).code !== 'conflict') throw error;
    // Removed without force: it works only for a group without processes, so nothing that runs can be hit.
    await api.removeGroup({ path: view.path, inode: view.inode });
    return await api.launch(request);
  }
}
