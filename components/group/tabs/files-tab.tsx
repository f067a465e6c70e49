// Every control file of the group, by controller: an explanation, the kernel’s text, and a way to write where that is allowed.
'use client';
import { useMemo, useState } from 'react';
import type { ControlFile, Controller } from '../../../server/contract/control-files.ts';
import { api } from '../../live/api.ts';
import type { GroupLive } from '../../live/hooks.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { inputClass } from '../../ui/field.tsx';
import { useAnswer } from '../use-answer.ts';
import { FileRow } from './file-row.tsx';
import { foundFiles, type GroupFile, isMixed, readAll } from './group-files.ts';

const NAME: Record<Controller, string> = {
  memory: 'memory',
  cpu: 'cpu',
  cpuacct: 'cpuacct',
  cpuset: 'cpuset',
  freezer: 'freezer',
  blkio: 'blkio',
  io: 'io',
  pids: 'pids',
  devices: 'devices',
  net_cls: 'net_cls',
  net_prio: 'net_prio',
  dmem: 'dmem',
  hugetlb: 'hugetlb',
  rdma: 'rdma',
  misc: 'misc',
  cgroup: 'cgroup core',
  psi: 'pressure',
  other: 'other',
};

/** The text that a search looks in; it includes the name in the other version. */
function searched({ name, help, counterparts = [] }: ControlFile): string {
  return [name, help, ...counterparts.map((other) => other.name)].join(' ').toLowerCase();
}

export function FilesTab({ live, reason }: { readonly live: GroupLive; readonly reason: string | undefined }) {
  const { entry } = live;
  const seen = { path: entry.path, inode: entry.inode };
  const place = `${entry.path}:${entry.inode}`;
  const list = useAnswer(place, () => api.files({ group: entry.path }));
  const { present: all, absent: lacking } = useMemo(() => foundFiles(entry, list.data?.files), [entry, list.data]);
  const mixed = isMixed(all);
  const controllers = [...new Set(all.map(({ file }) => file.controller))];
  const [chosen, setChosen] = useState<Controller>();
  const [filter, setFilter] = useState('');
  const controller = chosen ?? controllers[0];
  const wanted = filter.trim().toLowerCase();
  const isWanted = ({ file }: GroupFile) => (wanted === '' ? file.controller === controller : searched(file).includes(wanted));
  const files = all.filter(isWanted);
  const absent = lacking.filter(isWanted);
  const id = list.loading ? undefined : `${place}${wanted === '' ? `:${controller}` : `?${wanted}`}`;
  const { data, again } = useAnswer(id, () => readAll(entry.path, files));
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
              {NAME[name]} <span className="text-xs text-quiet">{all.filter(({ file }) => file.controller === name).length}</span>
            </button>
          ))}
        </fieldset>
        <div className="ml-auto w-44 max-sm:w-full">
          <input
            type="search"
            aria-label="Find a control file"
            placeholder="Find in all files"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            className={inputClass}
          />
        </div>
        <Button
          onClick={() => {
            list.again();
            again();
          }}
        >
          Read again
        </Button>
      </div>
      <ul className="divide-y divide-line border-y border-line">
        {files.map(({ file, twice }) => (
          <FileRow
            key={file.name}
            group={seen}
            file={file}
            mixed={mixed}
            twice={twice}
            answer={data?.get(file.name)}
            reason={reason}
            onWritten={again}
          />
        ))}
        {files.length === 0 && <li className="py-6 text-center text-sm text-quiet">No control file matches.</li>}
      </ul>
      {absent.length > 0 && (
        <p className="pt-2 text-xs text-quiet">
          Not on this kernel or in this group: <span className="font-mono">{absent.map(({ file }) => file.name).join(', ')}</span>
        </p>
      )}
    </div>
  );
}
