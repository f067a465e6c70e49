// The presets as cards: what each one shows, and its command.
'use client';
import {
  Cable,
  Droplets,
  Flame,
  GitFork,
  HardDriveDownload,
  LifeBuoy,
  type LucideIcon,
  PencilLine,
  SquareTerminal,
  TentTree,
} from 'lucide-react';
import { cx } from '../ui/classes.ts';
import { type Preset, presets } from './presets.ts';

const ICON: Record<Preset['id'], LucideIcon> = {
  leak: Droplets,
  rescued: LifeBuoy,
  burner: Flame,
  writer: HardDriveDownload,
  forks: GitFork,
  island: TentTree,
  devices: Cable,
  shell: SquareTerminal,
  blank: PencilLine,
};

export interface PresetCardsProps {
  /** The version that has the memory controller: some presets show something else on v2. */
  readonly memory: 1 | 2;
  readonly chosen: Preset['id'] | undefined;
  readonly onChoose: (preset: Preset) => void;
}

export function PresetCards({ memory, chosen, onChoose }: PresetCardsProps) {
  return (
    <fieldset
      aria-label="Presets"
      className="grid min-w-0 grid-cols-2 gap-3 max-sm:-mx-3 max-sm:flex max-sm:snap-x max-sm:overflow-x-auto max-sm:px-3 max-sm:pb-1 @min-[860px]:grid-cols-3"
    >
      {presets.map((preset) => {
        const Icon = ICON[preset.id];
        const on = preset.id === chosen;
        return (
          <button
            key={preset.id}
            type="button"
            aria-pressed={on}
            onClick={() => onChoose(preset)}
            className={cx(
              'grid shrink-0 snap-start scroll-ml-3 grid-cols-[20px_minmax(0,1fr)] content-start max-sm:w-[264px] gap-x-3 rounded-lg border bg-raised p-3 text-left transition-colors duration-100',
              on ? 'border-text' : 'border-line hover:border-line-strong hover:bg-hover',
            )}
          >
            <Icon aria-hidden className={cx('mt-0.5 size-[18px]', on ? 'text-text' : 'text-quiet')} strokeWidth={1.6} />
            <span className="font-medium">{preset.title}</span>
            <span className="col-start-2 mt-0.5 text-sm text-quiet">
              {(memory === 2 ? preset.onV2?.teaches : undefined) ?? preset.teaches}
            </span>
          </button>
        );
      })}
    </fieldset>
  );
}
