// The links to the pages: a narrow rail at the left, and on a phone a bar at the bottom of the screen.
'use client';
import { BookOpenText, Logs, Rocket, Settings, ShieldCheck, TableProperties } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cx } from '../ui/classes.ts';
import { Mark } from './mark.tsx';

const PAGES = [
  { href: '/', name: 'Deck', icon: TableProperties },
  { href: '/launch', name: 'Launch', icon: Rocket },
  { href: '/events', name: 'Events', icon: Logs },
  { href: '/guards', name: 'Guards', icon: ShieldCheck },
  { href: '/files', name: 'Files', icon: BookOpenText },
  { href: '/settings', name: 'Settings', icon: Settings },
];

/** Pages that are reached from another. */
const BELONGS: Readonly<Record<string, string>> = { '/group': '/', '/reports': '/events', '/report': '/events' };

interface PageLinksProps {
  readonly className: string;
  readonly linkClass: string;
  readonly here: string;
  readonly elsewhere: string;
  readonly iconClass: string;
  readonly strokeHere?: number;
}

function PageLinks({ className, linkClass, here, elsewhere, iconClass, strokeHere = 1.75 }: PageLinksProps) {
  const pathname = usePathname();
  const at = BELONGS[pathname] ?? pathname;
  return (
    <ul className={className}>
      {PAGES.map(({ href, name, icon: Icon }) => (
        <li key={href} className="flex-1">
          <Link
            href={href}
            aria-current={href === at ? 'page' : undefined}
            className={cx(
              'flex flex-col items-center justify-center gap-1 font-medium -outline-offset-2',
              linkClass,
              href === at ? here : elsewhere,
            )}
          >
            <Icon aria-hidden className={iconClass} strokeWidth={href === at ? strokeHere : 1.75} />
            {name}
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function Rail() {
  return (
    <nav aria-label="Pages" className="row-span-3 hidden flex-col items-center border-r border-line bg-raised md:flex">
      <Link href="/" aria-label="cgdeck" className="flex h-(--strip-height) w-full items-center justify-center -outline-offset-4">
        <Mark className="size-7" />
      </Link>
      <PageLinks
        className="mt-2 flex w-full flex-col gap-1 px-1.5"
        linkClass="h-12 rounded-md text-2xs transition-colors duration-100"
        here="bg-hover text-text"
        elsewhere="text-quiet hover:bg-hover hover:text-text"
        iconClass="size-[18px]"
      />
    </nav>
  );
}

export function BottomBar() {
  return (
    <nav aria-label="Pages" className="row-start-3 border-t border-line bg-raised pb-[env(safe-area-inset-bottom)] md:hidden">
      <PageLinks className="flex" linkClass="h-14 text-xs" here="text-text" elsewhere="text-quiet" iconClass="size-5" strokeHere={2.1} />
    </nav>
  );
}
