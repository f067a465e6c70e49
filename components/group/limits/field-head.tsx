// Above a limit: its name, and the control file where there is room.
import type { ReactNode } from 'react';

export function FieldHead({ file, children }: { readonly file: string; readonly children: ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-2 whitespace-nowrap">
      <span className="text-sm font-medium">{children}</span>
      <code className="hidden truncate font-mono text-2xs text-quiet @min-[520px]:inline">{file}</code>
    </div>
  );
}
