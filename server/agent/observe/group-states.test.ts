// Who is said to have frozen or thawed a group, whoever sees it first.
import { beforeEach, expect, test } from 'vitest';
import type { NewEvent } from '../../contract/events.ts';
import { GroupStates } from './group-states.ts';

let events: [string, string | undefined][];
let states: GroupStates;

beforeEach(() => {
  events = [];
  states = new GroupStates((event: NewEvent) => events.push([event.kind, 'by' in event ? event.by : undefined]));
});

test('a change that the tick sees before the answer does is reported once, and as ours', () => {
  states.asked('/a', 'frozen', 'ann');
  states.seen('/a', 'freezing');
  states.seen('/a', 'frozen');
  states.seen('/a', 'frozen');
  expect(events).toEqual([['freeze', 'ann']]);
});

test('what others do is nobody’s, also after we asked for what was so already, or were refused', () => {
  states.found('/a', 'frozen');
  states.asked('/a', 'frozen', 'ann');
  states.seen('/a', 'frozen');
  states.seen('/a', 'thawed');
  states.asked('/a', 'frozen', 'ann');
  states.refused('/a');
  states.seen('/a', 'frozen');
  expect(events).toEqual([
    ['thaw', undefined],
    ['freeze', undefined],
  ]);
});

test('one that comes late still has its name, unless it was called off', () => {
  states.asked('/a', 'frozen', 'ann');
  states.seen('/a', 'freezing');
  states.asked('/a', 'thawed', 'ben');
  states.seen('/a', 'thawed');
  states.seen('/a', 'frozen');
  expect(events).toEqual([['freeze', undefined]]);
});
