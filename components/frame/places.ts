// Where the rail and the bottom bar lead.
import { BookOpenText, Logs, type LucideIcon, Rocket, TableProperties } from 'lucide-react';

export interface Place {
  readonly href: string;
  readonly name: string;
  readonly icon: LucideIcon;
  /** Pages that belong to it. */
  readonly covers: readonly string[];
}

export const places: readonly Place[] = [
  { href: '/', name: 'Deck', icon: TableProperties, covers: ['/', '/group'] },
  { href: '/launch', name: 'Launch', icon: Rocket, covers: ['/launch'] },
  { href: '/events', name: 'Events', icon: Logs, covers: ['/events'] },
  { href: '/files', name: 'Files', icon: BookOpenText, covers: ['/files'] },
];
