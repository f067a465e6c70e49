// The pages that the rail and the bottom bar lead to.
import { BookOpenText, Logs, type LucideIcon, Rocket, TableProperties } from 'lucide-react';

export interface Place {
  readonly href: string;
  readonly name: string;
  readonly icon: LucideIcon;
  /** Further pages for which it is marked as the current one. */
  readonly covers: readonly string[];
}

export const places: readonly Place[] = [
  { href: '/', name: 'Deck', icon: TableProperties, covers: ['/', '/group'] },
  { href: '/launch', name: 'Launch', icon: Rocket, covers: ['/launch'] },
  { href: '/events', name: 'Events', icon: Logs, covers: ['/events'] },
  { href: '/files', name: 'Files', icon: BookOpenText, covers: ['/files'] },
];
