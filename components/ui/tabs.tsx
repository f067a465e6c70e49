// Tabs; the page stores in its URL which one is open.
'use client';
import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

export interface Tab {
  readonly value: string;
  readonly label: ReactNode;
  /** A quiet number after the label. */
  readonly count?: number | undefined;
  readonly panel: ReactNode;
}

export interface TabsProps {
  /** Name of the tab list, for screen readers. */
  readonly label: string;
  readonly tabs: readonly Tab[];
  /** The first one is open if none has this value, such as in an old address. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function Tabs({ label, tabs, value, onChange }: TabsProps) {
  const open = tabs.some((tab) => tab.value === value) ? value : tabs[0]?.value;
  return (
    <BaseTabs.Root value={open} onValueChange={(next) => onChange(String(next))} className="flex min-h-0 flex-col">
      <BaseTabs.List aria-label={label} className="relative flex gap-1 overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <BaseTabs.Tab
            key={tab.value}
            value={tab.value}
            className="flex h-9 items-center gap-1.5 rounded-t-md px-3 font-medium whitespace-nowrap text-quiet -outline-offset-2 select-none hover:text-text data-active:text-text"
          >
            {tab.label}
            {tab.count !== undefined && <span className="text-xs font-normal text-quiet">{tab.count}</span>}
          </BaseTabs.Tab>
        ))}
        <BaseTabs.Indicator className="absolute bottom-0 left-0 h-0.5 w-(--active-tab-width) translate-x-(--active-tab-left) bg-text transition-[translate,width] duration-150" />
      </BaseTabs.List>
      {tabs.map((tab) => (
        <BaseTabs.Panel key={tab.value} value={tab.value} className="min-h-0 flex-1 pt-3 -outline-offset-2">
          {tab.panel}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}
