// A dialog that goes away together with its group leaves a notice: the page has started over for the group that took its place.
'use client';
import { useEffect } from 'react';
import { aboutGroups, type SeenGroup } from '../../live/seen.ts';
import { notify } from '../../ui/toast.tsx';

export function useEndedWith({ path, inode }: SeenGroup, open: boolean): void {
  useEffect(() => {
    if (!open) return;
    return () => {
      const fault = aboutGroups([{ path, inode }]).fault();
      if (fault !== undefined) notify({ title: 'The dialog was closed', detail: fault });
    };
  }, [path, inode, open]);
}
