// The login link. Its one-time token is after the #, which browsers do not send to servers or proxies.
import type { Settings } from '../settings.ts';

const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

export function loginLink(settings: Settings, token: string): string {
  const { host, port } = settings.listen;
  const reachable = EVERY_ADDRESS.has(host) ? '127.0.0.1' : host;
  const name = reachable.includes(':') ? `[${reachable}]` : reachable;
  return `${settings.tls ? 'https' : 'http'}://${name}:${port}/login#${token}`;
}
