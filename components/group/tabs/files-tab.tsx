// Every control file that the group has, by controller: plain words, the kernel's text, and a way to write where that is allowed.
'use client';
import { useMemo, useState } from 'react';
import type { FileView } from '../../../server/contract/calls.ts';
import { type ControlFile, type Controller, controlFiles } from '../../../server/contract/control-files.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import { api, problemOf } from '../../live/api.ts';
import type { GroupLive } from '../../live/hooks.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { inputClass } from '../../ui/field.tsx';
import { useAnswer } from '../use-answer.ts';
import { FileRow } from './file-row.tsx';

export type FileAnswer = { readonly view: FileView } | { readonly problem: Problem };

/** The registry's files that this group can have; whether this kernel has each is known when it is read. */
export function filesOf({ path, controllers }: Pick<GroupLive['entry'], 'path' | 'controllers'>): readonly ControlFile[] {
  const unified = controllers.includes('unified');
  return controlFiles.filter(({ controller, version, notInRoot }) => {
    if (notInRoot && path === '/') return false;
    if (version === 2) return unified;
    return controller === 'cgroup' ? controllers.some((name) => name !== 'unified') : controllers.includes(controller);
  });
}

const NAME: Record<Controller, string> = {
  memory: 'memory',
  cpu: 'cpu',
  cpuacct: 'cpuacct',
  cpuset: 'cpuset',
  freezer: 'freezer',
  blkio: 'blkio',
  pids: 'pids',
  devices: 'devices',
  cgroup: 'cgroup core',
  psi: 'pressure',
};

/** Some at once: a controller's files come within a moment, and other requests still get through. */
const AT_ONCE = 4;

async function readAll(group: string, files: readonly ControlFile[]): Promise<ReadonlyMap<string, FileAnswer>> {
  const answers = new Map<string, FileAnswer>();
  const left = files.filter(({ access }) => access !== 'write');
  const worker = async () => {
    for (let file = left.shift(); file; file = left.shift()) {
      try {
        answers.set(file.name, { view: await api.readFile(group, file.name) });
      } catch (error) {
        answers.set(file.name, { problem: problemOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

export function FilesTab({ live, reason }: { readonly live: GroupLive; readonly reason: string | undefined }) {
  const { entry } = live;
  const all = useMemo(() => filesOf(entry), [entry]);
  const controllers = [...new Set(all.map(({ controller }) => controller))];
  const [chosen, setChosen] = useState<Controller>();
  const [filter, setFilter] = useState('');
  const controller = chosen ?? controllers[0];
  const wanted = filter.trim().toLowerCase();
  const files = all.filter((file) =>
    wanted === '' ? file.controller === controller : `${file.name} ${file.help}`.toLowerCase().includes(wanted),
  );
  const id = wanted === '' ? `${entry.path}:${entry.inode}:${controller}` : `${entry.path}:${entry.inode}?${wanted}`;
  const { data, again } = useAnswer(id, () => readAll(entry.path, files));
  const isAbsent = (file: ControlFile) => {
    const answer = data?.get(file.name);
    return answer !== undefined && 'problem' in answer && (answer.problem.code === 'not_found' || answer.problem.code === 'unsupported');
  };
  const present = files.filter((file) => !isAbsent(file));
  const absent = files.filter(isAbsent);
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2 pb-3">
        <fieldset aria-label="Controller" className="flex flex-wrap gap-1">
          {controllers.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={wanted === '' && name === controller}
              onClick={() => {
                setChosen(name);
                setFilter('');
              }}
              className={cx(
                'h-7 rounded-md px-2 text-sm',
                wanted === '' && name === controller ? 'bg-line font-medium text-text' : 'text-quiet hover:bg-hover hover:text-text',
              )}
            >
              {NAME[name]} <span className="text-xs text-quiet">{all.filter((file) => file.controller === name).length}</span>
            </button>
          ))}
        </fieldset>
        <input
          type="search"
          aria-label="Find a control file"
          placeholder="Find in all files"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className={cx(inputClass, 'ml-auto w-44')}
        />
        <Button onClick={again}>Read again</Button>
      </div>
      <ul className="divide-y divide-line border-y border-line">
        {present.map((file) => (
          <FileRow key={file.name} group={entry.path} file={file} answer={data?.get(file.name)} reason={reason} onWritten={again} />
        ))}
        {present.length === 0 && <li className="py-6 text-center text-sm text-quiet">No control file matches.</li>}
      </ul>
      {absent.length > 0 && (
        <p className="pt-2 text-xs text-quiet">
          Not on this kernel or in this group: <span className="font-mono">{absent.map(({ name }) => name).join(', ')}</span>
        </p>
      )}
    </div>
  );
}
