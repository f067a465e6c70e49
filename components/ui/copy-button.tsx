// Copying to the clipboard, with a button that shows for a moment that it was done.
'use client';
import { Check, Copy } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { notify } from './toast.tsx';

const COPIED_MS = 1500;

/** Why there is no clipboard: without a secure context (plain HTTP from another machine) browsers have none. */
export function clipboardFault(): string | undefined {
  return typeof navigator !== 'undefined' && navigator.clipboard === undefined
    ? 'The browser allows copying and pasting only on pages over HTTPS or on this machine.'
    : undefined;
}

export interface Copying {
  readonly copied: boolean;
  readonly copy: (text: string) => void;
}

export function useCopy(): Copying {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = useCallback((text: string) => {
    const fault = clipboardFault();
    if (fault === undefined) void navigator.clipboard.writeText(text).then(() => setCopied(true));
    else notify({ title: 'Nothing was copied', detail: fault });
  }, []);
  return { copied, copy };
}

/** @param what after "Copy the", for screen readers */
export function CopyButton({ text, what, copied, copy }: Copying & { readonly text: () => string; readonly what: string }) {
  return (
    <Button size="sm" reason={clipboardFault()} onClick={() => copy(text())}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      {copied ? 'Copied' : 'Copy'}
      <span className="sr-only"> the {what}</span>
    </Button>
  );
}
