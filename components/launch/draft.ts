// A half-filled form, kept by the browser’s tab: over Events and Back, the end of a session, and a reload for another version.
import type { LaunchForm } from './launch-form.ts';
import type { Source } from './presets.ts';

const PREFIX = 'cgdeck-launch-draft:';
/** Of one draft, as text; a longer one is not kept. */
const MAX_LENGTH = 64 * 1024;
/** Drafts of different launches. */
const MAX_DRAFTS = 5;

export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export interface Draft {
  readonly form: LaunchForm;
  readonly source: Source | undefined;
  /** Wall clock, ms. */
  readonly savedMs: number;
  /** Variables whose values were not kept: they may be secrets. */
  readonly withoutValues: readonly string[];
}

/** The tab’s storage; undefined where the browser refuses it. */
function tabStorage(): DraftStorage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

/** @returns whether it is kept */
export function saveDraft(which: string, form: LaunchForm, source: Source | undefined, savedMs: number, storage = tabStorage()): boolean {
  const env = form.env.map(({ name }) => ({ name, value: '' }));
  // Also what was chosen to be undefined.
  const text = JSON.stringify({ form: { ...form, env }, source, savedMs, withoutValues: withValue(form) }, (_, value) => value ?? null);
  if (!storage || text.length > MAX_LENGTH) {
    forgetDraft(which, storage);
    return false;
  }
  try {
    storage.setItem(PREFIX + which, text);
  } catch {
    return false;
  }
  const kept = draftsIn(storage);
  for (const { key } of kept.slice(0, Math.max(0, kept.length - MAX_DRAFTS))) storage.removeItem(key);
  return true;
}

/**
 * @param start the form as it would begin: it has the fields of this version and this machine
 * @param isUsable throws for a form that this version does not understand
 */
export function readDraft(
  which: string,
  start: LaunchForm,
  isUsable: (form: LaunchForm) => unknown,
  storage = tabStorage(),
): Draft | undefined {
  try {
    const draft = JSON.parse(storage?.getItem(PREFIX + which) ?? '') as Draft;
    const form = { ...merged(start, draft.form), on: start.on };
    isUsable(form);
    return { form, source: draft.source ?? undefined, savedMs: draft.savedMs, withoutValues: draft.withoutValues };
  } catch {
    return undefined;
  }
}

export function forgetDraft(which: string, storage = tabStorage()): void {
  storage?.removeItem(PREFIX + which);
}

/** At a logout: the next person at this tab is perhaps another. */
export function forgetDrafts(storage = tabStorage()): void {
  if (storage) for (const { key } of draftsIn(storage)) storage.removeItem(key);
}

const withValue = ({ env }: LaunchForm) => env.filter(({ value }) => value !== '').map(({ name }) => name);

/** Fields that another version stored in another shape begin anew. */
function merged(start: LaunchForm, stored: Readonly<Record<string, unknown>> | LaunchForm): LaunchForm {
  const given = Object.entries(stored).map(([field, value]) => [field, value ?? undefined] as const);
  return {
    ...start,
    ...Object.fromEntries(given.filter(([field, value]) => field in start && isLike(start[field as keyof LaunchForm], value))),
  };
}

function isLike(before: unknown, value: unknown): boolean {
  if (before === undefined || value === undefined) return true;
  return typeof before === 'object'
    ? Array.isArray(before) === Array.isArray(value) && typeof value === 'object'
    : typeof value !== 'object';
}

/** Oldest first. */
function draftsIn(storage: DraftStorage): { readonly key: string; readonly savedMs: number }[] {
  const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? '').filter((key) => key.startsWith(PREFIX));
  const savedMs = (key: string) => Number(/"savedMs":(\d+)/.exec(storage.getItem(key) ?? '')?.[1] ?? 0);
  return keys.map((key) => ({ key, savedMs: savedMs(key) })).sort((a, b) => a.savedMs - b.savedMs);
}
