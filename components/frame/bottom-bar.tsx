// The rail’s links on a phone, at the bottom of the screen.
'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cx } from '../ui/classes.ts';
import { places } from './places.ts';

export function BottomBar() {
  const pathname = usePathname();
  return (
    <nav aria-label="Pages" className="row-start-3 flex border-t border-line bg-raised pb-[env(safe-area-inset-bottom)] md:hidden">
      {places.map(({ href, name, icon: Icon, covers }) => {
        const here = covers.includes(pathname);
        return (
          <Link
            key={href}
            href={href}
            aria-current={here ? 'page' : undefined}
            className={cx(
              'flex h-14 flex-1 flex-col items-center justify-center gap-1 text-xs font-medium -outline-offset-2',
              here ? 'text-text' : 'text-quiet',
            )}
          >
            <Icon aria-hidden className="size-5" strokeWidth={here ? 2.1 : 1.75} />
            {name}
          </Link>
        );
      })}
    </nav>
  );
}
