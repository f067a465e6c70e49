// An open select box with its list.
'use client';
import { Select as BaseSelect } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import { buttonClass } from './button.tsx';
import { cx } from './classes.ts';
import { popupClass } from './popup-class.ts';

export interface SelectProps<V extends string> {
  /** Its name for screen readers. */
  readonly label: string;
  readonly options: ReadonlyArray<{ readonly value: V; readonly label: string }>;
  readonly value: V;
  readonly onChange: (value: V) => void;
  readonly className?: string;
}

export function SelectPopup<V extends string>({ label, options, value, onChange, className }: SelectProps<V>) {
  return (
    <BaseSelect.Root defaultOpen items={options} value={value} onValueChange={(next) => next !== null && onChange(next)}>
      <BaseSelect.Trigger aria-label={label} className={cx(buttonClass('plain'), 'font-normal', className)}>
        <BaseSelect.Value className="flex-1 text-left" />
        <BaseSelect.Icon>
          <ChevronsUpDown aria-hidden className="text-quiet" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        {/* Aligning the item with the trigger would add a style element, which the content policy forbids. */}
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <BaseSelect.Popup className={cx(popupClass, 'min-w-(--anchor-width) py-1')}>
            <BaseSelect.List className="relative max-h-(--available-height) overflow-y-auto">
              {options.map((option) => (
                <BaseSelect.Item
                  key={option.value}
                  value={option.value}
                  className="grid h-7 grid-cols-[16px_1fr] items-center gap-2 pr-4 pl-2 text-base outline-none select-none data-highlighted:bg-hover"
                >
                  <BaseSelect.ItemIndicator>
                    <Check aria-hidden className="size-4" />
                  </BaseSelect.ItemIndicator>
                  <BaseSelect.ItemText className="col-start-2">{option.label}</BaseSelect.ItemText>
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
