// A button that copies a text.
'use client';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';

/** Copies, and shows for a moment that it has. */
export function CopyButton({ text, what }: { readonly text: string | (() => string); readonly what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  // Without a secure context (plain HTTP from another machine) the browser gives no clipboard.
  const reason =
    typeof navigator !== 'undefined' && navigator.clipboard === undefined
      ? 'The browser allows copying only on pages over HTTPS or on this machine.'
      : undefined;
  return (
    <Button
      size="sm"
      reason={reason}
      onClick={() => void navigator.clipboard.writeText(typeof text === 'string' ? text : text()).then(() => setCopied(true))}
    >
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      {copied ? 'Copied' : 'Copy'}
      <span className="sr-only"> the {what}</span>
    </Button>
  );
}
