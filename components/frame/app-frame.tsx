// The frame around every page: the rail, the host strip, the tape, toasts and questions. It starts the live store.
'use client';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { usePathname, useRouter } from 'next/navigation';
import { type ReactNode, useEffect } from 'react';
import { DecisionPanel } from '../guard/decision-panel.tsx';
import { pageOpened } from '../live/api.ts';
import { useConnection } from '../live/hooks.ts';
import { live } from '../live/store.ts';
import { BrowserNotices } from '../settings/browser-notices.tsx';
import { QuestionProvider } from '../ui/question.tsx';
import { SpokenRegion } from '../ui/spoken.tsx';
import { Toasts } from '../ui/toast.tsx';
import { TipPopup } from '../ui/tooltip.tsx';
import { EventTape } from './event-tape.tsx';
import { HostStrip } from './host-strip.tsx';
import { loginHref } from './links.ts';
import { BottomBar, Rail } from './rail.tsx';
import { StaleBar } from './stale-bar.tsx';
import { UnsureNotice } from './unsure-notice.tsx';

function Around({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  const router = useRouter();
  const { state } = useConnection();
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address is another page
  useEffect(pageOpened, [pathname]);
  // The menu's links are prefetched by themselves: these pages are reached from within.
  useEffect(() => {
    for (const page of ['/group', '/reports', '/report']) router.prefetch(page);
  }, [router]);
  useEffect(() => {
    if (state === 'denied') router.replace(loginHref(location.pathname + location.search));
  }, [state, router]);
  return (
    <div className="grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[var(--strip-height)_minmax(0,1fr)_auto] md:grid-cols-[var(--rail-width)_minmax(0,1fr)_auto]">
      <a
        href="#page"
        className="sr-only rounded-md bg-text px-3 py-2 text-surface focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
      >
        Skip to the page
      </a>
      <Rail />
      <HostStrip />
      <main
        id="page"
        tabIndex={-1}
        className="@container relative col-start-1 row-start-2 flex min-h-0 min-w-0 flex-col outline-none md:col-start-2"
      >
        <StaleBar />
        {/* The positioned parent of hidden words for screen readers: they scroll with it instead of making the document longer. */}
        <div className="relative min-h-0 flex-1 overflow-y-auto">{children}</div>
        <DecisionPanel />
      </main>
      {pathname !== '/events' && <EventTape />}
      <BottomBar />
      <BrowserNotices />
      <UnsureNotice />
      <SpokenRegion />
    </div>
  );
}

export function AppFrame({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  return (
    <CSPProvider disableStyleElements>
      <QuestionProvider>{pathname === '/login' ? children : <Around>{children}</Around>}</QuestionProvider>
      <TipPopup />
      <Toasts />
    </CSPProvider>
  );
}
