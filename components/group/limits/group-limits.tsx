// The limits beside the rail: CPU weight and quota, CPUs, tasks, swap, protection, disks, devices, and what happens at the hard limit.
'use client';
import { parentPath } from '../../../server/contract/paths.ts';
import { type GroupLive, useHost, useReadingsOf, useVersionOf } from '../../live/hooks.ts';
import { later } from '../../ui/later.tsx';
import { useWhyAbsent } from '../absent.ts';
import { protectedAbove } from '../rail/facts.ts';
import { cpusToChoose } from './cpu-list.ts';
import { DiskLimits } from './disk-limits.tsx';
import { LimitField } from './limit-field.tsx';
import { type LimitSpec, limitSpecs } from './limit-specs.ts';
import { OomSwitch } from './oom-switch.tsx';

const DeviceRules = later(async () => (await import('./device-rules.tsx')).DeviceRules, { Waiting: DevicesWaiting });

export interface GroupLimitsProps {
  readonly live: GroupLive;
  readonly reason: string | undefined;
}

export function GroupLimits({ live, reason }: GroupLimitsProps) {
  const host = useHost();
  const { readings, entry } = live;
  const why = entry.path === '/' ? 'The root group has no limits: it is the whole machine.' : reason;
  const versionOf = useVersionOf(entry);
  const readingsOf = useReadingsOf();
  const specs = limitSpecs({
    readings,
    cpus: cpusToChoose(host, versionOf('cpuset') === 1 ? readingsOf(parentPath(entry.path)) : undefined, entry.path),
    versionOf,
    protectedAbove: protectedAbove(entry.path, readingsOf, host?.recursiveProtection),
  });
  return (
    <div className="grid grid-cols-2 gap-x-3 gap-y-4 @min-[520px]:gap-x-6 @min-[820px]:grid-cols-3">
      {specs.map((spec) => (
        <Field key={spec.label} live={live} spec={spec} reason={why} />
      ))}
      <OomSwitch live={live} version={versionOf('memory')} reason={why} />
      {versionOf('io') === 2 && <DiskLimits live={live} reason={why} />}
      <DeviceRules group={entry} reason={why} />
    </div>
  );
}

function Field({ live, spec, reason }: { readonly live: GroupLive; readonly spec: LimitSpec; readonly reason: string | undefined }) {
  const { key, version, ...field } = spec;
  const absent = useWhyAbsent(live.entry, spec.file, version);
  const { path, inode } = live.entry;
  const seen = { path, inode };
  return <LimitField {...field} group={seen} reading={live.readings[key]} reads={key} atMs={live.atMs} reason={reason} absent={absent} />;
}

/** As the devices are before their rules are known. */
function DevicesWaiting() {
  return (
    <section aria-label="Devices" className="col-span-full min-h-6 min-w-0">
      <h3 className="text-sm font-medium">Devices</h3>
    </section>
  );
}
