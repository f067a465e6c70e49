// Namespaces as switches, each with a sentence about what it isolates.
'use client';
import { type NamespaceKind, namespaceHelp, namespaceKinds } from '../../server/contract/launch.ts';
import { Switch } from '../ui/switch.tsx';

const NAME: Record<NamespaceKind, string> = {
  pid: 'Processes',
  mnt: 'Mounts',
  uts: 'Host name',
  ipc: 'IPC',
  net: 'Network',
  cgroup: 'Groups',
  user: 'Users',
  time: 'Clocks',
};

export interface NamespaceSwitchesProps {
  readonly chosen: readonly NamespaceKind[];
  readonly fault: string | undefined;
  readonly onSwitch: (kind: NamespaceKind, on: boolean) => void;
}

export function NamespaceSwitches({ chosen, fault, onSwitch }: NamespaceSwitchesProps) {
  return (
    <div>
      <div className="grid grid-cols-1 gap-x-6 gap-y-3 @min-[440px]:grid-cols-2">
        {namespaceKinds.map((kind) => (
          <Switch
            key={kind}
            label={
              <>
                {NAME[kind]} <code className="font-mono text-xs font-normal text-quiet">{kind}</code>
              </>
            }
            help={namespaceHelp[kind]}
            checked={chosen.includes(kind)}
            onChange={(on) => onSwitch(kind, on)}
          />
        ))}
      </div>
      {chosen.includes('pid') && !chosen.includes('mnt') && (
        <p className="mt-3 text-sm text-quiet">Without its own mounts it sees the host’s /proc, with other process numbers.</p>
      )}
      {fault !== undefined && (
        <p role="alert" className="mt-2 text-xs text-hard">
          {fault}
        </p>
      )}
    </div>
  );
}
