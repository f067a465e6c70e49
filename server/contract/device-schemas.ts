// The schemas of device rules, of what is known about a group's devices, and of the call that sets them.
import { z } from 'zod';
import { type DeviceRule, deviceAccesses, deviceMeans, EVERY, MAJORS, MINORS, MOST_DEVICE_RULES } from './devices.ts';
import { GroupPath, Inode } from './path-schemas.ts';

const deviceNumber = (below: number) =>
  z.union([
    z.literal(EVERY),
    z
      .int()
      .min(0)
      .max(below - 1),
  ]);

/** An allow rule in the grammar of v1's devices.allow: a block or character device, or `a` for both. */
const Rule = z.strictObject({
  type: z.enum(['a', 'b', 'c']),
  major: deviceNumber(MAJORS),
  minor: deviceNumber(MINORS),
  access: z.enum(deviceAccesses),
}) satisfies z.ZodType<DeviceRule>;

export const DeviceRules = z.array(Rule).max(MOST_DEVICE_RULES);

/** `hidden`: there are rules, and the kernel does not show them (bpf_jit_harden with kptr_restrict). */
const ReadDeviceRules = z.union([z.array(Rule), z.literal('hidden')]);
export type ReadDeviceRules = z.infer<typeof ReadDeviceRules>;

/** All rules that apply to a group's devices, as far as they can be read. */
export const DeviceView = z.object({
  group: z.string(),
  file: z.enum(deviceMeans),
  /** What the group may use; null: no rules of cgdeck (v2), or nothing denied (v1). */
  rules: ReadDeviceRules.nullable(),
  /** cgdeck's rules on ancestors, which must also allow an access (v2; on v1 a list never allows more than its parent's). */
  above: z.array(z.object({ group: z.string(), rules: ReadDeviceRules })),
  /** Programs of others, here and on ancestors, which must also allow an access; their rules cannot be read back. */
  others: z.array(z.object({ group: z.string(), id: z.number().int(), name: z.string() })),
  /** Further remarks, a sentence each. */
  notes: z.array(z.string()),
});
export type DeviceView = z.infer<typeof DeviceView>;

export const SetDevices = z.strictObject({
  group: GroupPath,
  inode: Inode.optional(),
  /** Replaces all rules; null removes them. */
  rules: DeviceRules.nullable(),
  /** The rules that they are to replace, as they were read: if there are others by now, nothing is changed (changed). */
  replaces: ReadDeviceRules.nullable().optional(),
});

export const DeviceAnswer = DeviceView.extend({ old: z.string(), asked: z.string(), new: z.string(), tookMs: z.number() });
export type DeviceAnswer = z.infer<typeof DeviceAnswer>;
