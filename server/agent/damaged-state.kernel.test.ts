// Every file of the state folder truncated, overwritten, empty, missing or replaced: the agent starts, acts, and reports the damage.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

const LIMIT_MS = 120_000;

let agent: RunningAgent;
let whole: string;
const state = () => agent.settings.stateDir;
const missing = async () => (await agent.call('host', {})).missing.join('\n');

const DAMAGE: Record<string, (path: string) => void> = {
  truncated: (path) => truncateSync(path, Math.ceil(statSync(path).size / 2)),
  garbage: (path) => writeFileSync(path, `${'\0'.repeat(100)}\n{"a":\n[1,\n"\xff"\n`, 'latin1'),
  empty: (path) => truncateSync(path, 0),
  missing: (path) => rmSync(path),
  'a folder': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
};

/** What is reported for garbage, and for a folder in the file's place. A launch's folder has a new name each time. */
const FILES: Record<string, { readonly garbage?: RegExp; readonly folder?: RegExp }> = {
  'events.ndjson': { garbage: /damaged lines of .*events\.ndjson/, folder: /event log cannot be written \(EISDIR/ },
  'frequent-events.ndjson': { garbage: /damaged lines of .*frequent-events\.ndjson/, folder: /event log cannot be written \(EISDIR/ },
  'groups.ndjson': { garbage: /damaged lines of .*groups\.ndjson/, folder: /book of groups cannot be (written|rotated) \(E/ },
  'journal.ndjson': { garbage: /damaged lines of .*journal\.ndjson/, folder: /journal of actions cannot be written \(EISDIR/ },
  'guard-records.json': { garbage: /guard-records\.json is damaged/, folder: /guard-records\.json cannot be read \(EISDIR/ },
  'holds.json': { garbage: /holds\.json is damaged/, folder: /holds\.json cannot be read \(EISDIR/ },
  'host-ids.json': { garbage: /host-ids\.json is damaged/, folder: /host-ids\.json cannot be read \(EISDIR/ },
  'networks.json': { garbage: /networks\.json is damaged/, folder: /networks\.json cannot be read \(EISDIR/ },
  'templates/t.json': {},
  'launches/*/launch.json': {},
};
/** Written by programs and monitors: tested with the launches. */
const OF_LAUNCHES = /^launches\/\*\/(output|exit|tty|scratch|log)/;

function files(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)));
}

const nameOf = (path: string) => path.replace(/^launches\/[^/]+/, 'launches/*');

async function start(change: Parameters<typeof RunningAgent.start>[1] = {}): Promise<void> {
  agent = await RunningAgent.start('state', change);
  // The agent removes empty groups when it stops.
  await agent.inhabited('kept');
  await agent.call('launch', { name: 'run', argv: ['/bin/sleep', '1000'] });
  await agent.call('saveTemplate', { name: 't', request: { name: 't', argv: ['/bin/true'] } });
}

/** The agent reads, acts, and has its groups. */
async function expectWork(): Promise<void> {
  const path = `${agent.root}/kept`;
  expect((await agent.call('freeze', { group: path })).state).toBe('frozen');
  expect((await agent.call('thaw', { group: path })).state).toBe('thawed');
  expect((await agent.call('group', { path: `${agent.root}/run` })).processes).toBeGreaterThan(0);
  await agent.call('templates', {});
  await agent.call('events', { limit: 10_000 });
}

describe('a file', () => {
  // Once for all: each test begins with the whole folder.
  beforeAll(async () => {
    await start();
    await agent.end();
    for (const name of ['guard-records.json', 'networks.json']) writeFileSync(join(state(), name), '[]', { flag: 'a' });
    whole = mkdtempSync(join(tmpdir(), 'cgdeck-whole-'));
    cpSync(state(), whole, { recursive: true });
  });

  afterEach(() => agent.end());

  afterAll(async () => {
    rmSync(state(), { recursive: true });
    cpSync(whole, state(), { recursive: true });
    rmSync(whole, { recursive: true });
    await agent.clean();
  });

  test('every file is in the table', () => {
    const known = files(state())
      .map(nameOf)
      .filter((name) => !OF_LAUNCHES.test(name));
    expect([...new Set(known)].sort()).toEqual(Object.keys(FILES).sort());
  });

  test.each(Object.entries(FILES))(
    '%s',
    async (name, { garbage, folder }) => {
      for (const [what, damage] of Object.entries(DAMAGE)) {
        rmSync(state(), { recursive: true });
        cpSync(whole, state(), { recursive: true });
        for (const path of files(state())) if (nameOf(path) === name) damage(join(state(), path));
        await agent.begin();
        const reported = await missing();
        if (what === 'garbage' && garbage) expect(reported).toMatch(garbage);
        if (what === 'a folder' && folder) expect(reported).toMatch(folder);
        await expectWork();
        await agent.end();
      }
    },
    LIMIT_MS,
  );
});

test.each(['launches', 'layers', 'trash', 'templates'])('a file in the place of the folder %s is set aside and reported', async (name) => {
  await start();
  try {
    await agent.call('removeGroup', { path: `${agent.root}/run`, kill: true });
    await agent.end();
    const path = join(state(), name);
    for (const change of [(at: string) => writeFileSync(at, 'not a folder'), (at: string) => symlinkSync('/nonexistent/cgdeck', at)]) {
      rmSync(path, { recursive: true });
      change(path);
      await agent.begin();
      expect(await missing()).toMatch(new RegExp(`${name} was not a folder`));
      await agent.call('launch', { name: 'run', argv: ['/bin/sleep', '1000'] });
      await expectWork();
      await agent.call('removeGroup', { path: `${agent.root}/run`, kill: true });
      await agent.call('saveTemplate', { name: 't', request: { name: 't', argv: ['/bin/true'] } });
      await agent.end();
      expect(statSync(path).isDirectory()).toBe(true);
    }
    expect(readdirSync(state()).filter((one) => one.startsWith(`${name}.set-aside`))).toHaveLength(2);
  } finally {
    if (!statSync(join(state(), name), { throwIfNoEntry: false })?.isDirectory()) rmSync(join(state(), name), { force: true });
    await agent.clean();
  }
});

describe('the folder as a whole', () => {
  let disk: string;

  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), 'cgdeck-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=700', 'tmpfs', disk]);
    await start({ stateDir: join(disk, 'state') });
  });

  afterEach(async () => {
    try {
      await agent.clean();
    } finally {
      execFileSync('umount', ['-l', disk]);
      rmdirSync(disk);
    }
  });

  test('is removed while the agent runs: that is reported, and a new one gets the events in memory and all later ones', async () => {
    rmSync(state(), { recursive: true });
    await expectWork();
    expect(await missing()).toMatch(/journal of actions .* was removed/);
    const own = async () => (await agent.call('events', { limit: 10_000 })).events.filter(({ group }) => group.startsWith(agent.root));
    const events = await own();
    await agent.end();
    await agent.begin();
    expect((await own()).slice(0, events.length)).toEqual(events);
    await agent.call('kill', { group: `${agent.root}/run` });
  });

  test('is read-only at a start: safer actions are done, and all others refused', async () => {
    await agent.end();
    execFileSync('mount', ['--bind', state(), state()]);
    execFileSync('mount', ['-o', 'remount,bind,ro', state()]);
    try {
      await agent.begin();
      await expectWork();
      expect(await missing()).toMatch(/journal of actions cannot be written \(EROFS/);
      expect((await agent.refused('writeFile', { path: `${agent.root}/kept`, file: 'pids.max', value: 5 })).code).toBe('busy');
      expect((await agent.refused('saveTemplate', { name: 'u', request: { name: 'u', argv: ['/bin/true'] } })).code).toBe('busy');
      await agent.call('kill', { group: `${agent.root}/run` });
      await agent.event('exit', `${agent.root}/run`);
      await agent.end();
    } finally {
      execFileSync('umount', ['-l', state()]);
    }
  });
});
