// What the process may do beyond an unprivileged one, and what holds the process itself.
'use client';
import { Caution } from '../ui/caution.tsx';
import { TextField } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import { CapabilityList } from './capability-list.tsx';
import type { PartProps } from './part.tsx';
import { RlimitFields } from './rlimit-fields.tsx';
import { Section } from './section.tsx';
import { privilegesSummary } from './summaries.ts';

export function PrivilegesSection({ form, faults, onChange }: PartProps) {
  const ownUsers = form.namespaces.includes('user');
  return (
    <Section
      title="Privileges"
      summary={privilegesSummary(form)}
      faults={faults}
      fields={['capabilities', 'noNewPrivileges', 'seccomp', 'rlimits', 'oomScoreAdj', 'nice', 'umask']}
    >
      <CapabilityList kept={form.capabilities} fault={faults.capabilities} onChange={(capabilities) => onChange({ capabilities })} />
      {form.capabilities.length > 0 && (
        <Caution>
          {ownUsers
            ? 'They count inside, over what belongs to its user namespace. More of the kernel can be reached, and more of its faults.'
            : 'Without users of its own they count on the host itself.'}
        </Caution>
      )}
      <div className="grid grid-cols-1 gap-x-6 gap-y-3 @min-[560px]:grid-cols-2">
        <Switch
          label="No new privileges"
          help="No program that it runs gains any, set-user-id or not."
          checked={form.noNewPrivileges}
          onChange={(noNewPrivileges) => onChange({ noNewPrivileges })}
        >
          {!form.noNewPrivileges && (
            <Caution className="mt-1.5">{faults.noNewPrivileges ?? 'A set-user-id program such as su can raise what it may do.'}</Caution>
          )}
        </Switch>
        <Switch
          label="Filter system calls"
          help="Refuses what containers refuse: new mounts, kernel modules, the clock and the like."
          checked={form.seccomp === 'default'}
          onChange={(on) => onChange({ seccomp: on ? 'default' : 'unconfined' })}
        >
          {form.seccomp !== 'default' && (
            <Caution className="mt-1.5">Every system call reaches the kernel: a fault in one is a way out.</Caution>
          )}
        </Switch>
      </div>
      <RlimitFields rows={form.rlimits} fault={faults.rlimits} onChange={(rlimits) => onChange({ rlimits })} />
      <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-3">
        <TextField
          label="OOM score"
          mono
          value={form.oomScoreAdj}
          fault={faults.oomScoreAdj}
          help="−1000 never to 1000 first; empty: 0"
          onChange={(oomScoreAdj) => onChange({ oomScoreAdj })}
        />
        <TextField
          label="Nice"
          mono
          value={form.nice}
          fault={faults.nice}
          help="−20 first to 19 last; empty: 0"
          onChange={(nice) => onChange({ nice })}
        />
        <TextField
          label="Umask"
          mono
          value={form.umask}
          fault={faults.umask}
          placeholder="022"
          help="What new files do not allow"
          onChange={(umask) => onChange({ umask })}
        />
      </div>
    </Section>
  );
}
