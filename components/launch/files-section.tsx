// The root of the program, where its writes go, and the directories of the host inside.
'use client';
import { Button } from '../ui/button.tsx';
import { Caution } from '../ui/caution.tsx';
import { Choice } from '../ui/choice.tsx';
import { Fault } from '../ui/field.tsx';
import { BindFields } from './bind-fields.tsx';
import { switchNamespace, type Writes } from './launch-form.ts';
import { LayerChoice } from './layer-choice.tsx';
import { FormText, type PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { filesSummary } from './summaries.ts';

const ROOTS = [
  { value: 'host', label: 'The host’s root', help: 'With its own /tmp and /run in memory, and its own /var/tmp on disk.' },
  { value: 'directory', label: 'A directory', help: 'It becomes the root: an unpacked image, for example.' },
] as const;

export function FilesSection(part: PartProps) {
  const { form, faults, onChange } = part;
  const fields = ['root', 'rootfs', 'writes', 'layer', 'binds', 'tmpSize', 'shmSize'] as const;
  if (!form.namespaces.includes('mnt')) {
    return (
      <Section title="Files" summary={filesSummary(form)} faults={faults} fields={fields}>
        <Caution>
          Without its own mounts it sees the host’s files, and writes wherever its user may. A root directory, a layer and directories of
          the host need the namespace <code className="font-mono">mnt</code>.
        </Caution>
        <div>
          <Button size="sm" onClick={() => onChange(switchNamespace(form.namespaces, 'mnt', true))}>
            Give it its own mounts
          </Button>
        </div>
      </Section>
    );
  }
  const writes: ReadonlyArray<{ value: Writes; label: string; help: string; reason?: string }> = [
    { value: 'refused', label: 'Nowhere', help: 'Read-only: a write to the root fails with EROFS.' },
    {
      value: 'layer',
      label: 'Into a layer',
      help: 'The root does not change: its writes are stored separately, to be viewed and kept.',
    },
    {
      value: 'direct',
      label: 'Into the directory',
      help: 'Changes are permanent.',
      ...(form.root === 'host' ? { reason: 'Only for a directory: the host’s root is never written to.' } : {}),
    },
  ];
  return (
    <Section title="Files" summary={filesSummary(form)} faults={faults} fields={fields}>
      <Choice
        label="Root"
        columns={2}
        options={ROOTS}
        value={form.root}
        onChange={(root) => onChange({ root, ...(root === 'host' && form.writes === 'direct' ? { writes: 'refused' } : {}) })}
      />
      {form.root === 'directory' && (
        <FormText
          {...part}
          field="rootfs"
          label="Root directory"
          placeholder="/srv/images/busybox"
          help="A path on the host. /proc, /dev, /tmp and /run are mounted in it."
        />
      )}
      {form.root === 'host' && <Fault>{faults.rootfs}</Fault>}
      <Choice
        label="Writes go"
        options={writes}
        value={form.writes}
        fault={faults.writes}
        onChange={(next) => onChange({ writes: next })}
      />
      {form.writes === 'direct' && <Caution>The program can change and delete everything in that directory that its user may.</Caution>}
      {form.writes === 'layer' ? <LayerChoice {...part} /> : <Fault>{faults.layer}</Fault>}
      <BindFields {...part} />
      <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-2">
        <FormText {...part} field="tmpSize" label="Size of /tmp" placeholder="256M" help="In memory, which counts as the group’s" />
        <FormText
          {...part}
          field="shmSize"
          label="Size of /dev/shm"
          placeholder="64M"
          help="Shared memory: databases and browsers need more"
        />
      </div>
    </Section>
  );
}
