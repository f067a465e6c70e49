// Many clients that want earlier events at once: few pages at a time, operators first, nothing for who does not read.
import { expect, test } from 'vitest';
import type { Role } from '../../contract/call.ts';
import type { CallAnswer } from '../../contract/calls.ts';
import type { Event } from '../../contract/events.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import type { AgentLink } from '../agent-link.ts';
import { EventMemory } from './event-memory.ts';
import { OldEvents } from './old-events.ts';

const LAST = 2500;
const event = (id: number): Event => ({ id, time: 1, kind: 'create', group: '/a' });

/** An agent whose pages wait until they are let through, and a memory that begins after them. */
function begin() {
  const asked: { since: number; role: Role; answer: () => void }[] = [];
  const agent: AgentLink = {
    connected: true,
    call: (async (_call: 'events', { since = 0, limit = 0 }: { since?: number; limit?: number }, { role }: { role: Role }) => {
      const go = Promise.withResolvers<void>();
      asked.push({ since, role, answer: go.resolve });
      await go.promise;
      const events = Array.from({ length: Math.min(limit, LAST - since) }, (_, i) => event(since + 1 + i));
      return { events, lastId: LAST } satisfies CallAnswer<'events'>;
    }) as AgentLink['call'],
  };
  const memory = new EventMemory(100);
  memory.begin({ lastEventId: LAST, completeSince: LAST });
  return { asked, old: new OldEvents(agent, memory) };
}

function client(role: Role, drained: () => Promise<void> = () => Promise.resolve()) {
  const events: number[] = [];
  const event = (text: string) => void events.push(JSON.parse(text).event.id);
  return { actor: { role, name: role }, close: () => undefined, drained, event, events, isOpen: true, live: false };
}

test('at most four pages are under way at a time, and an operator’s is the next', async () => {
  const { asked, old } = begin();
  for (let i = 0; i < 150; i++) void old.send(client('viewer'), i);
  await eventually(() => expect(asked).toHaveLength(4));
  const operator = client('operator');
  const sent = old.send(operator, 0);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  expect(asked).toHaveLength(4);
  asked[0]?.answer();
  await eventually(() => expect(asked).toHaveLength(5));
  expect(asked[4]).toMatchObject({ since: 0, role: 'operator' });
  let answered = 1;
  while (!operator.live) {
    await eventually(() => expect(asked.length > answered || operator.live).toBe(true));
    expect(asked.length - answered).toBeLessThanOrEqual(4);
    asked[answered++]?.answer();
  }
  await sent;
  expect(operator.events).toEqual(Array.from({ length: LAST }, (_, i) => i + 1));
});

test('who asks for the same page at the same time shares one call, and later ones ask anew', async () => {
  const { asked, old } = begin();
  const clients = Array.from({ length: 150 }, () => client('viewer'));
  const all = Promise.all(clients.map((one) => old.send(one, 2000)));
  await eventually(() => expect(asked).toHaveLength(1));
  asked[0]?.answer();
  await all;
  expect(asked).toHaveLength(1);
  for (const { events, live } of clients) expect([events.length, events[0], live]).toEqual([500, 2001, true]);
  void old.send(client('viewer'), 2000);
  await eventually(() => expect(asked).toHaveLength(2));
});

test('nothing is asked for until the client has read what it was sent', async () => {
  const { asked, old } = begin();
  let reads: (() => void)[] = [];
  const slow = client('viewer', () => new Promise((resolve) => reads.push(resolve)));
  const readAll = () => {
    for (const read of reads) read();
    reads = [];
  };
  void old.send(slow, 0);
  // It holds no turn meanwhile.
  const fast = Array.from({ length: 8 }, () => client('viewer'));
  const sent = Promise.all(fast.map((one) => old.send(one, 2000)));
  await eventually(() => expect(asked.map(({ since }) => since)).toEqual([2000]));
  asked[0]?.answer();
  await sent;
  readAll();
  await eventually(() => expect(asked.map(({ since }) => since)).toEqual([2000, 0]));
  asked[1]?.answer();
  await eventually(() => expect(slow.events).toHaveLength(1000));
  expect(asked).toHaveLength(2);
  await eventually(() => expect(reads).toHaveLength(1));
  readAll();
  await eventually(() => expect(asked.at(-1)).toMatchObject({ since: 1000 }));
});
