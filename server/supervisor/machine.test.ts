// Whom the web process becomes.
import { expect, test } from 'vitest';
import { webUser } from './machine.ts';

const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 };

test.each([
  ['no such user', 'root:x:0:0:root:/root:/bin/bash\n', nobody],
  ['its own user', 'root:x:0:0::/:\ncgdeck:x:998:997::/nonexistent:/usr/sbin/nologin\n', { name: 'cgdeck', uid: 998, gid: 997 }],
  ['a longer name', 'cgdeck2:x:998:997::/:\n', nobody],
  ['an account with root’s uid', 'cgdeck:x:0:997::/:\n', nobody],
  ['a cut line', 'cgdeck:x\n', nobody],
  ['an empty file', '', nobody],
])('%s', (_name, passwd, expected) => {
  expect(webUser(passwd)).toEqual(expected);
});
