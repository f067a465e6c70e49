// Every control file of a group, by HTTP: read, compared with the kernel, written with another value, read back, restored.
import { z } from 'zod';
import { type ControlFile, findControlFile } from '../server/contract/control-files.ts';
import type { Kernel } from './ask-kernel.ts';
import { BY_OTHER_CALLS, type Machine, otherValue, WITHOUT_OTHER_VALUE } from './other-value.ts';
import type { Server } from './server.ts';
import { expect, test } from './test.ts';

const View = z.object({
  raw: z.string(),
  value: z.union([z.string(), z.number()]).optional(),
  entries: z.record(z.string(), z.unknown()).optional(),
});
const Written = z.object({ old: z.string(), asked: z.string(), new: z.string() });

interface Found {
  readonly file: ControlFile;
  /** The hierarchies with a file of that name: cgdeck reads and writes one of them. */
  readonly hierarchies: readonly string[];
}

async function filesOf(kernel: Kernel, group: string): Promise<Found[]> {
  const all = (await kernel.controlFilesOf(group)).flatMap(({ hierarchy, version, file: name }) => {
    const file = findControlFile(name, version);
    return file ? [{ file, hierarchy }] : [];
  });
  return [...Map.groupBy(all, ({ file }) => file.name).values()].flatMap((same) => {
    const file = same[0]?.file;
    return file ? [{ file, hierarchies: same.map(({ hierarchy }) => hierarchy) }] : [];
  });
}

/** The file's text in each of the hierarchies. */
function textsOf(kernel: Kernel, group: string, { file, hierarchies }: Found): Promise<string[]> {
  return Promise.all(hierarchies.map((hierarchy) => kernel.read(group, file.name, hierarchy)));
}

async function makeGroup(server: Server): Promise<string> {
  const path = `${server.root}/every-file`;
  await server.do('POST', '/groups', { path });
  return path;
}

const url = (group: string, file: string) => `/files${group}/${file}`;

/** Counters may change meanwhile: then only the digits differ. */
function shape({ kind }: ControlFile, text: string): string {
  return kind === 'gauge' || kind === 'counter' ? text.replaceAll(/\d+/g, '0') : text;
}

test('every control file is read as the kernel has it', async ({ server, kernel }) => {
  const group = await makeGroup(server);
  const files = await filesOf(kernel, group);
  for (const found of files) {
    const { file } = found;
    const { status, body } = await server.api('GET', url(group, file.name));
    if (file.access === 'write') {
      expect(body, file.name).toMatchObject({ code: 'unsupported' });
      continue;
    }
    expect(status, `${file.name}: ${JSON.stringify(body)}`).toBe(200);
    const view = View.parse(body);
    expect.soft((await textsOf(kernel, group, found)).map((text) => shape(file, text))).toContain(shape(file, view.raw.replace(/\n$/, '')));
    // The group has used no disk yet.
    const idle = /^(Total 0)?$/.test(view.raw.trim());
    if (!idle && file.format !== 'text') expect.soft(view.value ?? view.entries, `${file.name}: ${view.raw}`).toBeDefined();
  }
  // With fewer files it would be another tree.
  expect(files.length).toBeGreaterThan(40);
});

async function writeAndPutBack(server: Server, kernel: Kernel, group: string, found: Found, machine: Machine): Promise<void> {
  const { name, access } = found.file;
  const [before = ''] = access === 'write' ? [] : await textsOf(kernel, group, found);
  const { asked, reads = asked, back } = otherValue(found.file, before, machine);
  const { status, body } = await server.api('PUT', url(group, name), { value: asked });
  expect.soft(status, `${name} <- ${asked}: ${JSON.stringify(body)}`).toBe(200);
  if (access === 'write' || status !== 200) return;
  expect.soft(Written.parse(body), name).toEqual({ old: before, asked, new: reads });
  expect.soft(await textsOf(kernel, group, found), name).toContain(reads);
  if (back === undefined) return;
  await server.do('PUT', url(group, name), { value: back });
  expect.soft(new Set(await textsOf(kernel, group, found)), `${name}, restored`).toEqual(new Set([before]));
}

test('every writable control file takes another value, and the old one again', async ({ server, kernel }) => {
  const group = await makeGroup(server);
  const all = await filesOf(kernel, group);
  const controllers = all.find(({ file }) => file.name === 'cgroup.controllers');
  const [handed = ''] = controllers ? await textsOf(kernel, group, controllers) : [];
  const machine: Machine = { disk: await kernel.disk(), controller: handed.split(' ')[0] ?? '' };
  const files = all.filter(({ file }) => file.access !== 'read' && !WITHOUT_OTHER_VALUE.has(file.name));
  let written = 0;
  for (const found of files) {
    const { name } = found.file;
    if (BY_OTHER_CALLS.has(name)) {
      expect(await server.api('PUT', url(group, name), { value: '1' }), name).toMatchObject({ body: { code: 'unsupported' } });
      continue;
    }
    if (name === 'cgroup.subtree_control' && machine.controller === '') {
      // On hybrid the v2 tree has no controllers to enable.
      expect(await server.api('PUT', url(group, name), { value: '+pids' })).toMatchObject({ body: { errno: 'ENOENT' } });
      continue;
    }
    await writeAndPutBack(server, kernel, group, found, machine);
    written++;
  }
  expect(written).toBeGreaterThan(20);
});
