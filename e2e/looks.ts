// Every page in dark and light, wide and on a phone, under real load: accessible, within its width, and without layout shifts. With CGDECK_PICTURES set,
// pictures of each are left in test-results/looks.
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, devices, type Page } from '@playwright/test';
import { holding } from './load.ts';
import { LOOKS } from './look-pages.ts';
import type { Server } from './server.ts';
import { slowly } from './slowly.ts';
import { test as base, expect, launcherOn } from './test.ts';

const MIB = 2 ** 20;
/** A folder for each machine. */
const PICTURES = 'test-results/looks';
const pictures = process.env.CGDECK_PICTURES !== undefined;
/** For the leak: v1's soft limit is only a hint, v2's slows it down, which should come late. */
const SOFT = { 1: '64M', 2: '256M' } as const;
/** The largest sum of layout shifts that counts as good (web vitals). */
const STILL = 0.1;
/** The writer's file: on disk, in its own folder, which is removed with it. */
const WRITTEN = '/var/tmp/written';
const WIDTHS = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/** The frame: the pages’ links, the strip, the tape. */
const AROUND = ['nav[aria-label="Pages"]', 'header:not(main *)', 'aside'] as const;

declare global {
  interface Window {
    shifts: { value: number; what: string }[];
  }
}

/** A leak, a full group, a frozen one, busy loops, forks at their limit, and a killed one. */
async function load(server: Server): Promise<void> {
  const { kernel } = server;
  const version = await kernel.memoryVersion();
  const run = launcherOn(server, version);
  await run({
    name: 'leak',
    argv: ['cgdeck-load', 'leak', '8'],
    limits: { 'memory-hard-limit': '512M', 'memory-soft-limit': SOFT[version] },
    restart: { policy: 'always' },
  });
  const { group: frozen } = await run({ name: 'frozen', argv: holding(64), limits: { 'memory-hard-limit': '256M' } });
  await run({ name: 'burner', argv: ['cgdeck-load', 'burn', '1'], limits: { 'cpu-quota': '5000' } });
  await run({ name: 'forks', argv: ['cgdeck-load', 'fork', '20'], limits: { 'tasks-limit': '12' } });
  await run({ name: 'writer', argv: ['cgdeck-load', 'write', '10', WRITTEN], limits: { 'memory-hard-limit': '32M' } });
  await run({ name: 'layered', argv: ['sh', '-c', 'echo fine; echo wrong >&2; sleep 6000'], overlay: {}, restart: { policy: 'always' } });
  await expect.poll(() => kernel.measure(frozen, 'memory-usage')).toBeGreaterThan(64 * MIB);
  await server.do('POST', '/freeze', { group: frozen });
  // Where many kills come at once the kernel leaves out most of what it logs of a kill: another one is needed then.
  await expect(async () => {
    const { group: killed } = await run({ name: 'killed', argv: ['cgdeck-load', 'leak', '200'], limits: { 'memory-hard-limit': '24M' } });
    await expect.poll(() => kernel.measure(killed, 'tasks')).toBe(0);
    await expect
      .poll(() => server.do('GET', `/reports?group=${encodeURIComponent(killed)}`), { timeout: 5000 })
      .toMatchObject({
        reports: expect.arrayContaining([expect.objectContaining({ sentence: expect.stringMatching(/^cgdeck-load was killed/) })]),
      });
  }).toPass();
}

/** One load for all pages. */
const test = base.extend<object, { readonly loaded: Server }>({
  loaded: [
    async ({ server }, use) => {
      await load(server);
      await use(server);
      await server.removeGroups();
    },
    { scope: 'worker', timeout: slowly(180_000) },
  ],
  tidy: async ({ loaded: _ }, use) => use(undefined),
});

type ColourScheme = 'dark' | 'light';

/** The scheme in which all rules are checked. In the other one the elements are the same: only the contrast is checked there, and only wide, since a phone has the same colours. */
const ALL_RULES_IN = { wide: 'dark', phone: 'light' } as const;

/** What is around every page is checked on the first one only. */
async function faultsOf(page: Page, size: keyof typeof WIDTHS, colorScheme: ColourScheme, isFirst: boolean): Promise<string[]> {
  const all = colorScheme === ALL_RULES_IN[size];
  if (!all && size === 'phone') return [];
  const axe = all ? new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']) : new AxeBuilder({ page }).withRules(['color-contrast']);
  if (!isFirst) for (const around of AROUND) axe.exclude(around);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.any[0]?.message ?? node.failureSummary}`),
  );
}

/** Elements wider than the page: none may be outside a scrolling box. */
function widerThanThePage(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const places = [document.documentElement, ...document.querySelectorAll('main, main > div')].filter(
      (element) => element.scrollWidth > element.clientWidth + 1 && !/hidden|clip/.test(getComputedStyle(element).overflowX),
    );
    const held = (element: Element, place: Element): boolean => {
      for (let at = element.parentElement; at && at !== place; at = at.parentElement) {
        if (getComputedStyle(at).overflowX !== 'visible') return true;
      }
      return false;
    };
    return places.flatMap((place) => [
      `${place.tagName} is ${place.scrollWidth} px wide in ${place.clientWidth}`,
      ...[...place.querySelectorAll('*')]
        .filter(
          (element) =>
            element.getBoundingClientRect().right > place.getBoundingClientRect().left + place.clientWidth + 1 && !held(element, place),
        )
        .slice(0, 4)
        .map((element) => element.outerHTML.slice(0, 200)),
    ]);
  });
}

/** The frame fills the window, and long content scrolls inside it: a longer document could be scrolled away as a whole. */
function isLongerThanTheWindow(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollHeight > window.innerHeight);
}

async function watchedPage(browser: Browser, options: Parameters<Browser['newContext']>[0]): Promise<Page> {
  const context = await browser.newContext(options);
  await context.addInitScript(() => {
    window.shifts = [];
    interface Shift extends PerformanceEntry {
      readonly value: number;
      readonly hadRecentInput: boolean;
      readonly sources: readonly { readonly node?: Node | null }[];
    }
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries() as Shift[]) {
        const nodes = sources.flatMap(({ node }) => (node instanceof Element ? node : []));
        // In the tape new events push older ones down; below the bar that says that readings are old, all content.
        const moved = nodes.filter((node) => !node.closest('aside') && node.parentElement?.id !== 'page');
        if (!hadRecentInput && (moved.length > 0 || nodes.length === 0)) {
          window.shifts.push({ value: Number(value.toFixed(4)), what: moved.map(({ outerHTML }) => outerHTML.slice(0, 90)).join(' | ') });
        }
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return await context.newPage();
}

/** Ends colour transitions, which outside the screen may never end by themselves. */
async function settleColours(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(() => {
        const changing = document.getAnimations().filter((one) => one instanceof CSSTransition && one.transitionProperty.includes('color'));
        for (const one of changing) one.finish();
        return changing.length;
      }),
    )
    .toBe(0);
  await expect(page.getByText('Stale', { exact: true })).toHaveCount(0);
}

/** The tests of all pages in one width. */
export function testLooks(size: keyof typeof WIDTHS): void {
  const viewport = WIDTHS[size];
  for (const { name, path, filled } of LOOKS) {
    test(`${name}, ${size}, dark and light`, async ({ browser, server, version, sessions, complaints }) => {
      const page = await watchedPage(browser, {
        baseURL: server.url,
        storageState: sessions.operator,
        viewport,
        ...(size === 'phone'
          ? { hasTouch: true, isMobile: true, deviceScaleFactor: pictures ? devices['iPhone 13'].deviceScaleFactor : 1 }
          : {}),
      });
      await complaints.listen(page.context());
      complaints.allow(/status of 404/);
      await page.goto(path(server.root));
      await filled(page, version);
      await server.ticks(3);
      const shifts = await page.evaluate(() => window.shifts);
      const sum = shifts.reduce((all, { value }) => all + value, 0);
      expect.soft(sum, `layout shift by ${JSON.stringify(shifts)}`).toBeLessThan(STILL);
      expect.soft(await widerThanThePage(page), 'width').toEqual([]);
      expect.soft(await isLongerThanTheWindow(page), 'the document is longer than the window').toBe(false);
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await settleColours(page);
        if (pictures) await page.screenshot({ path: join(PICTURES, test.info().project.name, `${name}-${size}-${colorScheme}.png`) });
        expect.soft(await faultsOf(page, size, colorScheme, name === LOOKS[0]?.name), `${colorScheme}: accessibility`).toEqual([]);
      }
      await page.context().close();
    });
  }
}
