// The narrow rail at the left: links to the pages.
'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cx } from '../ui/classes.ts';
import { Mark } from './mark.tsx';
import { places } from './places.ts';

export function Rail() {
  const pathname = usePathname();
  return (
    <nav aria-label="Pages" className="row-span-3 hidden flex-col items-center border-r border-line bg-raised md:flex">
      <Link href="/" aria-label="cgdeck" className="flex h-(--strip-height) w-full items-center justify-center -outline-offset-4">
        <Mark className="size-7" />
      </Link>
      <ul className="mt-2 flex w-full flex-col gap-1 px-1.5">
        {places.map(({ href, name, icon: Icon, covers }) => {
          const here = covers.includes(pathname);
          return (
            <li key={href}>
              <Link
                href={href}
                aria-current={here ? 'page' : undefined}
                className={cx(
                  'flex h-12 flex-col items-center justify-center gap-1 rounded-md text-2xs font-medium -outline-offset-2 transition-colors duration-100',
                  here ? 'bg-hover text-text' : 'text-quiet hover:bg-hover hover:text-text',
                )}
              >
                <Icon aria-hidden className="size-[18px]" strokeWidth={1.75} />
                {name}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
