// What the program sees of the machine: its namespaces, each with a sentence about what it isolates, and its host name.
'use client';
import { type NamespaceKind, namespaceHelp, namespaceKinds } from '../../server/contract/launch-options.ts';
import { Fault } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import { switchNamespace } from './launch-form.ts';
import { FormText, Part, type PartProps } from './part.tsx';

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

export function SeesPart({ hostname, ...part }: PartProps & { readonly hostname: string }) {
  const { form, faults, onChange } = part;
  const { namespaces } = form;
  return (
    <Part title="Isolation">
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
              checked={namespaces.includes(kind)}
              onChange={(on) => onChange(switchNamespace(namespaces, kind, on))}
            />
          ))}
        </div>
        {namespaces.includes('pid') && !namespaces.includes('mnt') && (
          <p className="mt-3 text-sm text-quiet">Without its own mounts it sees the host’s /proc, with other process numbers.</p>
        )}
        <Fault className="mt-2">{faults.namespaces}</Fault>
      </div>
      {namespaces.includes('uts') && (
        <FormText
          {...part}
          field="hostname"
          label="Host name"
          placeholder={hostname}
          help="Inside only. Empty: the host’s name."
          className="max-w-72"
        />
      )}
    </Part>
  );
}
