// The pages whose looks are tested, and what shows that each is filled.
import type { Page } from '@playwright/test';
import { FROZEN, fileOf } from './by-version.ts';
import { expect } from './test.ts';

interface Look {
  readonly name: string;
  readonly path: (root: string) => string;
  /** Visible only when the page is filled. */
  readonly filled: (page: Page, version: 1 | 2) => Promise<void>;
}

const group = (name: string, tab: string) => (root: string) => `/group?path=${encodeURIComponent(`${root}/${name}`)}&tab=${tab}`;
const heading = (name: string | RegExp) => (page: Page) => expect(page.getByRole('heading', { name }).first()).toBeVisible();

export const LOOKS: readonly Look[] = [
  {
    name: 'deck',
    path: (root) => `/?q=${root.slice(1)}`,
    // The leak has its time left.
    filled: (page) =>
      expect(
        page
          .getByRole('row')
          .filter({ hasText: 'leak' })
          .filter({ hasText: /\d+\s?s/ }),
      ).toBeVisible(),
  },
  {
    name: 'group',
    path: group('leak', 'processes'),
    filled: (page) => expect(page.getByRole('cell', { name: /cgdeck-load/ })).toBeVisible(),
  },
  {
    name: 'group-frozen',
    path: group('frozen', 'events'),
    filled: (page, version) => expect(page.getByText(FROZEN[version]).first()).toBeVisible(),
  },
  {
    name: 'group-files',
    path: group('writer', 'files'),
    filled: (page, version) => expect(page.getByText(fileOf('memory-hard-limit', version)).first()).toBeVisible(),
  },
  {
    name: 'group-output',
    path: group('layered', 'output'),
    filled: (page) => expect(page.getByText('wrong', { exact: true })).toBeVisible(),
  },
  { name: 'group-namespaces', path: group('layered', 'namespaces'), filled: (page) => expect(page.getByText(/^pid:\[/)).toBeVisible() },
  { name: 'group-layer', path: group('layered', 'layer'), filled: (page) => expect(page.getByLabel('Name of the layer')).toBeVisible() },
  {
    name: 'launch-again',
    path: (root) => `/launch?again=${encodeURIComponent(`${root}/layered`)}`,
    filled: async (page) => {
      for (const name of ['Files', 'Network', 'Privileges', 'Environment', 'Restart, stop'])
        await page.locator('summary').getByText(name, { exact: true }).click();
    },
  },
  { name: 'launch', path: () => '/launch', filled: heading('Launch') },
  {
    name: 'events',
    path: (root) => `/events?group=${encodeURIComponent(root)}`,
    filled: (page) => expect(page.getByRole('region', { name: 'Events, newest first' }).getByRole('button').first()).toBeVisible(),
  },
  { name: 'reports', path: (root) => `/reports?group=${encodeURIComponent(`${root}/killed`)}`, filled: heading(/^Reports$/) },
  {
    name: 'report',
    path: (root) => `/reports?group=${encodeURIComponent(`${root}/killed`)}`,
    filled: async (page) => {
      await page
        .getByRole('main')
        .getByRole('link', { name: /^cgdeck-load was killed because/ })
        .first()
        .click();
      await expect(page.getByRole('region', { name: 'Processes before the kill' }).getByText('killed', { exact: true })).toBeVisible();
    },
  },
  {
    name: 'files',
    path: () => '/files?of=2',
    filled: (page) => expect(page.getByText('memory.high', { exact: true }).first()).toBeVisible(),
  },
  { name: 'settings', path: () => '/settings', filled: (page) => expect(page.getByRole('button', { name: 'Add' })).toBeVisible() },
  { name: 'guards', path: () => '/guards', filled: heading('No guard yet') },
  { name: 'login', path: () => '/login', filled: (page) => expect(page.getByLabel('Token')).toBeVisible() },
  { name: 'not-found', path: () => '/no/such/page', filled: heading('There is no such page') },
];
