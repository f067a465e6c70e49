// Which user froze or thawed a group, whichever part of the agent finds the change first.
import { beforeEach, expect, test } from 'vitest';
import type { NewEvent } from '../../contract/events.ts';
import { GroupStates } from './group-states.ts';

let events: [string, string | undefined][];
let states: GroupStates;

beforeEach(() => {
  events = [];
  states = new GroupStates((event: NewEvent) => events.push([event.kind, 'by' in event ? event.by : undefined]));
});

test('a change that the tick sees before the answer is reported once, with the user', () => {
  states.asked('/a', 'frozen', 'ann');
  states.seen('/a', 'freezing');
  states.seen('/a', 'frozen');
  states.seen('/a', 'frozen');
  expect(events).toEqual([['freeze', 'ann']]);
});

test('changes by other programs have no user, also after a request that changed nothing or was refused', () => {
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

test('a late change has its user, unless another request replaced it', () => {
  states.asked('/a', 'frozen', 'ann');
  states.seen('/a', 'freezing');
  states.asked('/a', 'thawed', 'ben');
  states.seen('/a', 'thawed');
  states.seen('/a', 'frozen');
  expect(events).toEqual([['freeze', undefined]]);
});

test('a group that is made while the agent runs and is frozen at its first reading was frozen by somebody', () => {
  states.made('/a');
  states.seen('/a', 'frozen');
  expect(events).toEqual([['freeze', undefined]]);
});

test('a group that is made below a frozen one began frozen', () => {
  states.found('/a', 'frozen');
  states.made('/a/b');
  states.seen('/a/b', 'frozen');
  states.seen('/a', 'thawed');
  states.seen('/a/b', 'thawed');
  expect(events).toEqual([
    ['thaw', undefined],
    ['thaw', undefined],
  ]);
});

test('the first reading of a group does not undo what was seen since it was made', () => {
  states.made('/a');
  states.seen('/a', 'frozen');
  expect(states.isKnown('/a')).toBe(true);
  states.forget('/a');
  expect(states.isKnown('/a')).toBe(false);
});
