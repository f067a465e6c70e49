// Typed bytes over connections that die: each arrives once, or is reported as lost.
import { expect, test } from 'vitest';
import { Typed } from './typed.ts';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const sentBy = ({ send }: ReturnType<Typed['begin']>) => Buffer.concat(send).toString();

test('what the server did not get is sent again, from where it stopped', () => {
  const typed = new Typed();
  expect(typed.begin(undefined)).toEqual({ send: [], lost: 0 });
  typed.sent(bytes('one '));
  typed.sent(bytes('two '));
  typed.taken(4);
  typed.waiting(bytes('three'));
  expect(typed.waitingBytes).toBe(5);
  const next = typed.begin(6);
  expect(sentBy(next)).toBe('o three');
  expect(next.lost).toBe(0);
  typed.taken(13);
  expect(typed.begin(13)).toEqual({ send: [], lost: 0 });
});

test('a server that does not know what it got: what waited is sent, what was sent is reported as lost', () => {
  const typed = new Typed();
  typed.begin(undefined);
  typed.sent(bytes('sent'));
  typed.waiting(bytes('waiting'));
  const next = typed.begin(undefined);
  expect(sentBy(next)).toBe('waiting');
  expect(next.lost).toBe(4);
  typed.taken(7);
  expect(typed.begin(7)).toEqual({ send: [], lost: 0 });
});

test('more than fits while the connection is away is not kept, and counted', () => {
  const typed = new Typed();
  typed.begin(undefined);
  typed.waiting(new Uint8Array(60 * 1024));
  typed.waiting(new Uint8Array(5 * 1024));
  typed.waiting(bytes('x'));
  const next = typed.begin(0);
  expect(next.lost).toBe(5 * 1024);
  expect(Buffer.concat(next.send)).toHaveLength(60 * 1024 + 1);
  expect(typed.begin(60 * 1024 + 1)).toEqual({ send: [], lost: 0 });
});

test('a paste that is larger than what is kept: what can be sent again is, and the rest is lost only where it did not arrive', () => {
  const typed = new Typed();
  typed.begin(undefined);
  typed.sent(new Uint8Array(100 * 1024));
  const next = typed.begin(10 * 1024);
  expect(next.lost).toBe(26 * 1024);
  expect(Buffer.concat(next.send)).toHaveLength(64 * 1024);
  typed.taken(74 * 1024);
  expect(typed.begin(74 * 1024)).toEqual({ send: [], lost: 0 });
});

test('what was typed for a program that has ended is forgotten, and counted', () => {
  const typed = new Typed();
  typed.begin(undefined);
  typed.sent(bytes('ab'));
  typed.waiting(bytes('cd'));
  expect(typed.forget()).toBe(4);
  expect(typed.begin(undefined)).toEqual({ send: [], lost: 0 });
});
