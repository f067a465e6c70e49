// The link that is printed for a person to open.
import { expect, test } from 'vitest';
import { readSettings } from '../settings.ts';
import { loginLink } from './login-link.ts';

test.each([
  [[], 'http://127.0.0.1:7420/login#t'],
  [['--listen', '[::1]:80'], 'http://[::1]:80/login#t'],
  [['--listen', '0.0.0.0:8443', '--tls-cert', 'c', '--tls-key', 'k'], 'https://127.0.0.1:8443/login#t'],
  [['--listen', '[::]:8443', '--behind-proxy'], 'http://127.0.0.1:8443/login#t'],
])('%j -> %s', (args, link) => {
  expect(loginLink(readSettings(args, {}), 't')).toBe(link);
});
