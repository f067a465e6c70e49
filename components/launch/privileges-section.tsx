// What the program may do beyond an unprivileged one, and its process limits.
'use client';
import { Caution } from '../ui/caution.tsx';
import { later } from '../ui/later.tsx';
import { Switch } from '../ui/switch.tsx';
import { FormText, type PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { privilegesSummary } from './summaries.ts';

const RlimitFields = later(async () => (await import('./rlimit-fields.tsx')).RlimitFields);

const CapabilityList = later(async () => (await import('./capability-list.tsx')).CapabilityList);

export function PrivilegesSection(part: PartProps) {
  const { form, faults, onChange } = part;
  const ownUsers = form.namespaces.includes('user');
  return (
    <Section
      title="Privileges"
      summary={privilegesSummary(form)}
      faults={faults}
      fields={['capabilities', 'noNewPrivileges', 'seccomp', 'rlimits', 'oomScoreAdj', 'nice', 'umask', 'user', 'group']}
    >
      {ownUsers && (
        <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-2">
          <FormText {...part} field="user" label="User" placeholder="root" help="A name in its /etc/passwd, or a number" />
          <FormText {...part} field="group" label="Group" help="A name or a number; empty: the user’s" />
        </div>
      )}
      <CapabilityList {...part} />
      {form.capabilities.length > 0 && (
        <Caution>
          {ownUsers
            ? 'These capabilities apply only inside the program’s user namespace. They expose more of the kernel, and of its bugs.'
            : 'Without its own user namespace they apply on the host.'}
        </Caution>
      )}
      <div className="grid grid-cols-1 gap-x-6 gap-y-3 @min-[560px]:grid-cols-2">
        <Switch
          label="No new privileges"
          help="No program that it runs gains privileges, not even a set-user-id one."
          checked={form.noNewPrivileges}
          onChange={(noNewPrivileges) => onChange({ noNewPrivileges })}
        >
          {!form.noNewPrivileges && (
            <Caution className="mt-1.5">{faults.noNewPrivileges ?? 'A set-user-id program such as su can raise its privileges.'}</Caution>
          )}
        </Switch>
        <Switch
          label="Filter system calls"
          help="Refuses what containers refuse: mounts, kernel modules, setting the clock and others."
          checked={form.seccomp === 'default'}
          onChange={(on) => onChange({ seccomp: on ? 'default' : 'unconfined' })}
        >
          {form.seccomp !== 'default' && (
            <Caution className="mt-1.5">Every system call reaches the kernel: a bug in one may be a way out.</Caution>
          )}
        </Switch>
      </div>
      <RlimitFields {...part} />
      <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-3">
        <FormText {...part} field="oomScoreAdj" label="OOM score" help="1000: killed first; empty: 0" />
        <FormText {...part} field="nice" label="Nice" help="−20 first to 19 last; empty: 0" />
        <FormText {...part} field="umask" label="Umask" placeholder="022" help="Permissions that new files lack" />
      </div>
    </Section>
  );
}
