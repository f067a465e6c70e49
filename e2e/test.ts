// The tests' fixtures: one server, a logged-in browser, the page objects, and a check for errors in the browser.
import { type BrowserContext, test as base } from '@playwright/test';
import type { Event } from '../server/contract/events.ts';
import type { LaunchInput } from '../server/contract/launch.ts';
import type { LaunchAnswer } from '../server/contract/launched.ts';
import type { Guest } from '../test/vm/environment.ts';
import type { Kernel } from './ask-kernel.ts';
import { filesOf, type Limits } from './by-version.ts';
import { Complaints } from './complaints.ts';
import { DeckPage } from './pages/deck.ts';
import { EventsPage } from './pages/events.ts';
import { Frame } from './pages/frame.ts';
import { GroupPage } from './pages/group.ts';
import { LaunchPage } from './pages/launch.ts';
import { LoginPage } from './pages/login.ts';
import { TerminalPanel } from './pages/terminal.ts';
import { TestMachine, ThisMachine } from './place.ts';
import { type Role, Server } from './server.ts';
import { slowly } from './slowly.ts';

export { expect } from '@playwright/test';

/** A test machine has to boot first. */
const STARTS_IN_MS = slowly(180_000);

/** A launch with limits by quantity. */
export type Launch = Omit<LaunchInput, 'limits'> & { readonly limits?: Limits };

type StorageState = Exclude<Awaited<ReturnType<BrowserContext['storageState']>>, string>;

interface Fixtures {
  /** Who is logged in when the test begins. */
  readonly as: Role | 'guest';
  readonly complaints: Complaints;
  /** Removes the test's groups at its end. */
  readonly tidy: undefined;
  readonly frame: Frame;
  readonly deck: DeckPage;
  readonly group: GroupPage;
  readonly launch: LaunchPage;
  readonly events: EventsPage;
  readonly login: LoginPage;
  readonly terminal: TerminalPanel;
  /** The kernel on which the server runs. */
  readonly kernel: Kernel;
  /** The memory controller's cgroup version: the page's names and the kernel's behaviour differ. */
  readonly version: 1 | 2;
  /** A group's events of one kind in the log: the tape shows the machine's last ones, and other tests cause many. */
  readonly logged: (kind: string, group: string) => Promise<Event[]>;
  /** Launches without the page, for tests of something else. */
  readonly run: (request: Launch) => Promise<LaunchAnswer>;
}

export interface WorkerOptions {
  /** The test machine that the server runs in; this machine if undefined. */
  readonly guest: Guest | undefined;
}

interface WorkerFixtures extends WorkerOptions {
  readonly server: Server;
  /** The browser's storage after each role's login. */
  readonly sessions: Readonly<Record<Role, StorageState>>;
}

async function sessionOf(server: Server, role: Role): Promise<StorageState> {
  const answer = await fetch(`${server.url}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify({ token: server.tokens[role] }),
  });
  const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '') ?? [];
  const { hostname } = new URL(server.url);
  return {
    cookies: [{ name, value, domain: hostname, path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Strict' }],
    origins: [],
  };
}

/** Launches by the API. */
export function launcherOn(server: Server, version: 1 | 2): Fixtures['run'] {
  return async ({ limits = {}, ...request }) => {
    const launch: LaunchInput = { ...request, limits: filesOf(limits, version) };
    return (await server.do('POST', '/launch', launch)) as LaunchAnswer;
  };
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  guest: [undefined, { option: true, scope: 'worker' }],
  server: [
    async ({ guest }, use, { workerIndex }) => {
      const server = await Server.start(workerIndex, guest ? await TestMachine.of(guest) : new ThisMachine());
      try {
        await use(server);
      } finally {
        await server.end();
      }
    },
    { scope: 'worker', timeout: STARTS_IN_MS },
  ],
  sessions: [
    async ({ server }, use) => use({ operator: await sessionOf(server, 'operator'), viewer: await sessionOf(server, 'viewer') }),
    { scope: 'worker' },
  ],
  as: ['operator', { option: true }],
  baseURL: async ({ server }, use) => use(server.url),
  storageState: async ({ as, sessions }, use) => use(as === 'guest' ? undefined : sessions[as]),
  complaints: [
    async ({ context }, use) => {
      const complaints = new Complaints();
      await complaints.listen(context);
      await use(complaints);
      complaints.check();
    },
    { auto: true },
  ],
  tidy: [
    async ({ server }, use) => {
      await use(undefined);
      await server.removeGroups();
      await server.removeGuards();
    },
    { auto: true },
  ],
  frame: async ({ page }, use) => use(new Frame(page)),
  deck: async ({ page, server }, use) => use(new DeckPage(page, server.root)),
  group: async ({ page }, use) => use(new GroupPage(page)),
  launch: async ({ page }, use) => use(new LaunchPage(page)),
  events: async ({ page }, use) => use(new EventsPage(page)),
  login: async ({ page }, use) => use(new LoginPage(page)),
  terminal: async ({ page }, use) => use(new TerminalPanel(page)),
  kernel: async ({ server }, use) => use(server.kernel),
  version: async ({ kernel }, use) => use(await kernel.memoryVersion()),
  logged: async ({ server }, use) =>
    use(async (kind, group) => {
      const { events } = (await server.do('GET', `/events?kind=${kind}&group=${encodeURIComponent(group)}`)) as { events: Event[] };
      return events;
    }),
  run: async ({ server, version }, use) => use(launcherOn(server, version)),
});
