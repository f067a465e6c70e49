// The look of what pops up: hints, menus, lists.
export const popupClass =
  'origin-(--transform-origin) rounded-md border border-line-strong/40 bg-raised text-text shadow-[0_4px_16px_rgb(0_0_0/0.24)] transition-[opacity,scale] duration-100 data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0 data-instant:transition-none';
