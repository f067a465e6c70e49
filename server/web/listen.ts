// Binding the port; where that cannot be, why, in one sentence.
import type { AddressInfo } from 'node:net';
import type { App } from './server-types.ts';
import { StartFault } from './start-fault.ts';

function sentence(code: string | undefined, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use: end what uses it, or choose another with --listen ${host}:<port>.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user: choose one above 1023 with --listen ${host}:<port>.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine: choose another with --listen.`;
    default:
      return undefined;
  }
}

/**
 * @returns the port, which the kernel chose where 0 was asked for
 * @throws StartFault
 */
export async function listen(app: App, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const known = sentence((cause as NodeJS.ErrnoException).code, host, port);
    throw known === undefined ? cause : new StartFault(known, { cause });
  }
  return (app.server.address() as AddressInfo).port;
}
