// Two people change the same guard, template or destination: the later one is asked with what the first has set, and replaces nothing unasked.
import type { Page } from '@playwright/test';
import type { CallAnswer } from '../server/contract/calls.ts';
import type { NoticesView } from '../server/contract/notices.ts';
import { SettingsPage } from './pages/settings.ts';
import { expect, test } from './test.ts';

const REFUSED = /status of 4\d\d/;

/** What the page reads again by itself is not shown to a form that is open. */
async function openGuard(page: Page, pattern: string): Promise<void> {
  await page.goto('/guards');
  await page.getByRole('region', { name: pattern }).getByRole('button', { name: 'Change…' }).click();
}

test('a guard', async ({ page, server, frame, complaints }) => {
  complaints.allow(REFUSED);
  const pattern = `${server.root}/replaced-*`;
  const set = (line: string) => server.do('PUT', '/guards', { pattern, plan: { line } });
  const lineNow = async () => ((await server.do('GET', '/guards')) as CallAnswer<'guards'>).guards[pattern]?.line;
  const form = page.getByRole('dialog', { name: 'Guard' });
  const wanted = async (line: string) => {
    await form.getByLabel('Line', { exact: true }).fill(line);
    await form.getByRole('button', { name: 'Set the guard' }).click();
  };
  await set('90%');
  await openGuard(page, pattern);
  await set('80%');
  await wanted('70%');
  await expect(frame.question).toContainText('It is now: Held at 80 % of its limit.');
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  expect(await lineNow()).toBe('80%');
  await expect(form.getByLabel('Line', { exact: true })).toHaveValue('70%');

  await wanted('60%');
  await frame.confirm(`Set the guard of ${pattern} all the same?`, 'Replace their guard');
  await expect(form).toBeHidden();
  await expect.poll(lineNow).toBe('60%');

  const guard = page.getByRole('region', { name: pattern });
  await expect(guard).toContainText('60 %');
  await guard.getByRole('button', { name: 'Remove' }).click();
  await set('50%');
  // The second question follows at once.
  await frame.question.getByRole('button', { name: 'Remove the guard' }).click();
  await expect(frame.question).toContainText('It is now: Held at 50 % of its limit.');
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  expect(await lineNow()).toBe('50%');
});

test('a template', async ({ page, server, frame, launch, complaints }) => {
  complaints.allow(REFUSED);
  const save = (argv: string[]) => server.do('PUT', '/templates/shared', { name: 'shared', argv });
  const now = async () => ((await server.do('GET', '/templates/shared')) as CallAnswer<'template'>).request.argv;
  const dialog = page.getByRole('dialog', { name: 'Save as template' });
  const replace = async () => {
    await page.getByRole('button', { name: 'Save as template' }).click();
    await dialog.getByRole('button', { name: 'Replace', exact: true }).click();
  };
  await save(['sleep', '1']);
  await launch.open();
  await launch.template('shared').click();
  await expect(launch.command).toHaveValue('sleep 1');
  await launch.command.fill('sleep 3');
  await save(['sleep', '2']);
  await replace();
  await expect(frame.question).toContainText('Somebody else has saved it since you opened it');
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  expect(await now()).toEqual(['sleep', '2']);
  await dialog.getByRole('button', { name: 'Replace', exact: true }).click();
  await frame.confirm('Save the template shared all the same?', 'Replace theirs');
  await expect(dialog).toBeHidden();
  expect(await now()).toEqual(['sleep', '3']);

  // One's own is replaced without a question.
  await launch.command.fill('sleep 4');
  await replace();
  await expect(dialog).toBeHidden();
  expect(await now()).toEqual(['sleep', '4']);
  await save(['sleep', '5']);
  await launch.templates.getByRole('button', { name: 'Remove the template shared' }).click();
  await frame.question.getByRole('button', { name: 'Remove', exact: true }).click();
  await frame.confirm('Remove the template shared all the same?', 'Remove theirs');
  await expect(launch.template('shared')).toBeHidden();
  expect(await server.do('GET', '/templates')).toEqual({ templates: [] });
});

test('a destination', async ({ page, server, frame }) => {
  const destination = (id: string, name: string) => ({ id, name, to: { type: 'webhook', format: 'json', url: 'https://hooks.example/x' } });
  const view = async () => (await server.do('GET', '/notices')) as NoticesView;
  const write = async (...destinations: object[]) => server.do('PUT', '/notices', { version: (await view()).version, destinations });
  const names = async () => (await view()).destinations.map(({ name }) => name);
  const settings = new SettingsPage(page);
  await write(destination('a', 'ops'), destination('b', 'night'));
  await settings.open();
  await settings.destination('ops').getByRole('button', { name: 'Change ops' }).click();
  await settings.field('Name').fill('mine');
  await write(destination('a', 'theirs'), destination('b', 'day'));
  await settings.dialog.getByRole('button', { name: 'Save' }).click();
  await expect(frame.question).toContainText('It is now: theirs');
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  expect(await names()).toEqual(['theirs', 'day']);
  await settings.dialog.getByRole('button', { name: 'Save' }).click();
  await frame.confirm('Change ops all the same?', 'Replace theirs');
  await expect(settings.dialog).toBeHidden();
  // What others did to another one stays.
  expect(await names()).toEqual(['mine', 'day']);
  await settings.destination('mine').getByRole('button', { name: 'Change mine' }).click();
  await settings.field('Name').fill('ours');
  await write(destination('a', 'mine'), destination('b', 'evening'));
  await settings.save();
  expect(await names()).toEqual(['ours', 'evening']);
  await write();
});
