// The book of groups: what the next agent reads of what this one wrote.
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupBook } from './group-book.ts';

let dir: string;

const path = () => join(dir, 'groups.ndjson');
const before = (boot = 'boot 1') => {
  const { before: groups } = new GroupBook(dir, boot);
  return groups && Object.fromEntries(groups);
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-book-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

function book(): GroupBook {
  const one = new GroupBook(dir, 'boot 1');
  one.added('/', 1);
  one.added('/a', 2);
  one.compact();
  return one;
}

test('there is none at first, and none of another boot', () => {
  expect(before()).toBeUndefined();
  book();
  expect(before()).toEqual({ '/': 1, '/a': 2 });
  expect(before('boot 2')).toBeUndefined();
});

test('it has the groups made and removed since it was compacted', () => {
  const one = book();
  one.added('/größe 群,"x"', 3);
  one.removed('/a');
  one.added('/a', 9);
  one.added('/b', 4);
  one.removed('/b');
  expect(before()).toEqual({ '/': 1, '/a': 9, '/größe 群,"x"': 3 });
});

test('before it is first compacted nothing is written', () => {
  new GroupBook(dir, 'boot 1').added('/a', 1);
  expect(before()).toBeUndefined();
});

test('an incomplete or unknown line is skipped', () => {
  book();
  appendFileSync(path(), '["+","/x"]\n{"a":1}\nnull\n["?","/a"]\n["+",5,6]\n["-",7]\n["+","/to');
  expect(before()).toEqual({ '/': 1, '/a': 2 });
  writeFileSync(path(), '\0\0');
  expect(before()).toBeUndefined();
});

test('it does not grow for ever', () => {
  const one = book();
  for (let i = 0; i < 20_000; i++) {
    one.added('/brief', i);
    one.removed('/brief');
  }
  expect(statSync(path()).size).toBeLessThan(300 * 1024);
  expect(before()).toEqual({ '/': 1, '/a': 2 });
});
