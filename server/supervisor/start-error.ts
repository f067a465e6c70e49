// An error that prevents the start; its message is one sentence for the terminal.
export class StartError extends Error {}

/** @returns such as ENOENT; undefined for an error that no system call raised */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Node's own codes begin with ERR_.
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}
