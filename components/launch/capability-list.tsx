// Capabilities to keep, as checkboxes that can be searched by name and meaning.
'use client';
import { useState } from 'react';
import { type Capability, capabilities } from '../../server/contract/privileges.ts';
import { cx } from '../ui/classes.ts';
import { BareInput, Fault } from '../ui/field.tsx';
import { capabilityWords } from './capability-words.ts';
import type { PartProps } from './part.tsx';

export function CapabilityList({ form: { capabilities: kept }, faults, onChange }: PartProps) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const shown = capabilities.filter((name) => `${name} ${capabilityWords[name]}`.toLowerCase().includes(wanted));
  const keep = (name: Capability, on: boolean) =>
    onChange({ capabilities: capabilities.filter((other) => (other === name ? on : kept.includes(other))) });
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">Capabilities that are kept</legend>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 pb-1.5">
        <span aria-hidden className="text-sm font-medium">
          Capabilities
        </span>
        <span className="mr-auto text-sm text-quiet">
          {kept.length === 0 ? 'all are dropped' : `${kept.length} kept, the others dropped`}
        </span>
        <BareInput
          type="search"
          label="Find a capability"
          placeholder="Find: ports, mount, chown"
          value={search}
          onChange={setSearch}
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          className="w-52! max-sm:w-full!"
        />
      </div>
      <div className="relative grid h-[204px] grid-cols-1 content-start overflow-y-auto rounded-md border border-line bg-surface py-1">
        {shown.map((name) => {
          const on = kept.includes(name);
          return (
            <label
              key={name}
              className="grid grid-cols-[14px_minmax(0,1fr)] items-baseline gap-x-2.5 px-3 py-1 -outline-offset-2 hover:bg-hover @min-[560px]:grid-cols-[14px_176px_minmax(0,1fr)]"
            >
              <input
                type="checkbox"
                checked={on}
                onChange={(event) => keep(name, event.target.checked)}
                className="size-3.5 translate-y-0.5 accent-(--color-text)"
              />
              <code className={cx('font-mono text-xs leading-5', on && 'font-semibold text-pressure-critical')}>{name}</code>
              <span className="text-sm text-quiet @max-[559px]:col-start-2">{capabilityWords[name]}</span>
            </label>
          );
        })}
        {shown.length === 0 && <p className="px-3 py-2 text-sm text-quiet">No capability matches “{search.trim()}”.</p>}
      </div>
      <Fault className="mt-1">{faults.capabilities}</Fault>
    </fieldset>
  );
}
