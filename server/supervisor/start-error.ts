// An error that prevents the start; its message is one sentence for the terminal.
export class StartError extends Error {}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
