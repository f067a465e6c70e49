// What stops a start for good; its message is the one sentence that the person at the terminal reads.
export class StartError extends Error {}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
