// The page of a group: the memory rail with its thumbs, limits, actions and tabs.
import { expect, type Locator, type Page } from '@playwright/test';
import { parseSize } from '../../server/contract/units.ts';

export type Thumb = 'Hard limit' | 'Soft limit';

const SCALE: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
/** Pixels in one pointer move of a thumb. */
const HAND_PX = 5;

/** "64.5 MiB" and any text after it, in bytes; "no limit" is infinity. */
export function bytesOf(text: string | null): number {
  const [, figure, unit = ''] = /([\d.]+)\s*([KMGT]i?B|B)\b/.exec(text ?? '') ?? [];
  return figure === undefined ? Number.POSITIVE_INFINITY : Number(figure) * (SCALE[unit] ?? Number.NaN);
}

export class GroupPage {
  readonly page: Page;
  readonly title: Locator;
  readonly memory: Locator;
  readonly limits: Locator;
  readonly details: Locator;
  readonly actions: Locator;
  readonly network: Locator;
  readonly output: Locator;

  constructor(page: Page) {
    this.page = page;
    this.title = page.getByRole('heading', { level: 1 });
    this.memory = page.getByRole('region', { name: 'Memory', exact: true });
    this.limits = page.getByRole('region', { name: 'Limits', exact: true });
    this.details = page.getByRole('region', { name: 'Details' });
    this.network = page.getByRole('region', { name: 'Network', exact: true });
    this.output = this.details.getByRole('log', { name: 'Output' });
    this.actions = page.getByRole('main').locator('header').first();
  }

  async open(path: string, tab?: string): Promise<void> {
    await this.page.goto(`/group?path=${encodeURIComponent(path)}${tab === undefined ? '' : `&tab=${tab}`}`);
    await expect(this.title).toHaveText(path);
  }

  async isOf(path: string): Promise<void> {
    await expect(this.title).toHaveText(path);
    await expect(this.page).toHaveURL((url) => url.searchParams.get('path') === path);
  }

  action(name: RegExp | string): Locator {
    return this.actions.getByRole('button', { name });
  }

  /** A value over the rail, such as "In use". */
  figure(name: string): Locator {
    return this.memory
      .locator('div')
      .filter({ has: this.page.getByRole('term').filter({ hasText: name }) })
      .last()
      .getByRole('definition');
  }

  async usageBytes(): Promise<number> {
    return bytesOf(await this.figure('In use').textContent());
  }

  thumb(name: Thumb): Locator {
    return this.memory.getByRole('slider', { name });
  }

  async thumbBytes(name: Thumb): Promise<number> {
    return bytesOf(await this.thumb(name).getAttribute('aria-valuetext'));
  }

  /** Drags the thumb until it shows at most so much, and releases it. */
  async drag(name: Thumb, toBytes: number): Promise<void> {
    const box = await this.thumb(name).boundingBox();
    if (!box) throw new Error(`There is no thumb for the ${name}.`);
    const { mouse } = this.page;
    let x = box.x + box.width / 2;
    // Each thumb has half of the rail's height.
    const y = box.y + box.height / 2;
    await mouse.move(x, y);
    await mouse.down();
    const down = (await this.thumbBytes(name)) > toBytes;
    while (down ? (await this.thumbBytes(name)) > toBytes : (await this.thumbBytes(name)) < toBytes) {
      x += down ? -HAND_PX : HAND_PX;
      await mouse.move(x, y);
    }
    await mouse.up();
  }

  /** Moves the thumb by keys, and writes with Enter. */
  async press(name: Thumb, ...keys: readonly string[]): Promise<void> {
    await this.thumb(name).focus();
    for (const key of keys) await this.page.keyboard.press(key);
    await this.page.keyboard.press('Enter');
  }

  exactly(name: Thumb): Locator {
    return this.memory.getByLabel(`${name}, exactly`);
  }

  async type(name: Thumb, size: string): Promise<void> {
    await this.exactly(name).fill(size);
    await this.exactly(name).press('Enter');
  }

  /** The limit in the field, in bytes. */
  async exactBytes(name: Thumb): Promise<number | 'max' | undefined> {
    return parseSize(await this.exactly(name).inputValue());
  }

  limit(label: string): Locator {
    return this.limits.getByLabel(label, { exact: true });
  }

  tab(name: RegExp): Locator {
    return this.details.getByRole('tab', { name });
  }

  async show(name: RegExp): Promise<Locator> {
    await this.tab(name).click();
    const panel = this.details.getByRole('tabpanel', { name });
    await expect(panel).toBeVisible();
    return panel;
  }

  /** A control file's row in the files tab. */
  file(name: string): Locator {
    return this.details.getByRole('listitem').filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** Stops the launch with this grace time in seconds. */
  async stop(graceSec: string): Promise<void> {
    await this.action('Stop…').click();
    const dialog = this.page.getByRole('dialog', { name: /^Stop / });
    await dialog.getByLabel('Grace time, seconds').fill(graceSec);
    await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(dialog).toBeHidden();
  }

  /** Runs a second program in the launch's namespaces. */
  async runInside(command: string, tty: boolean): Promise<void> {
    await this.action('Run inside…').click();
    const dialog = this.page.getByRole('dialog', { name: 'Run inside' });
    await dialog.getByLabel('Command').fill(command);
    await dialog.getByRole('switch', { name: 'Terminal' }).setChecked(tty);
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(dialog).toBeHidden();
  }

  /** The row of a namespace's kind. */
  namespace(kind: string): Locator {
    return this.details.getByRole('row').filter({ has: this.page.getByRole('rowheader').getByText(kind, { exact: true }) });
  }

  async typeRate(name: 'Egress rate' | 'Ingress rate', rate: string): Promise<void> {
    await this.network.getByLabel(`${name}, exactly`).fill(rate);
    await this.network.getByLabel(`${name}, exactly`).press('Enter');
  }

  rate(name: 'Egress rate' | 'Ingress rate'): Locator {
    return this.network.getByRole('slider', { name });
  }
}
