// Whom the web process becomes.
import { expect, test } from 'vitest';
import { checkUserNamespace, webUser } from './machine.ts';

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

test.each([
  ['the whole machine', '         0          0 4294967295\n', true],
  ['root alone', '         0       1000          1\n', false],
  ['a container with 65,536 ids', '0 100000 65536\n', true],
  ['two ranges', '0 0 1\n60000 160000 10000\n', true],
  ['too few ids', '0 0 65534\n', false],
])('a user namespace that maps %s', (_name, map, fits) => {
  const check = () => checkUserNamespace(nobody, () => map);
  if (fits) check();
  else expect(check).toThrow(/without the user nobody/);
});
