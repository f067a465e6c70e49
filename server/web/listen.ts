// Binds the port, or explains in a sentence why it cannot.
import type { AddressInfo } from 'node:net';
import type { App } from './server-types.ts';
import { StartFault } from './start-fault.ts';

function sentence(code: string | undefined, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use: stop the program that uses it, or choose another with --listen ${host}:<port>.`;
    case 'EACCES':
      return `Port ${port} needs root: choose one above 1023 with --listen ${host}:<port>.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is not an address of this machine: choose another with --listen.`;
    default:
      return undefined;
  }
}

/**
 * @returns the port; for port 0 the one that the kernel chose
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
