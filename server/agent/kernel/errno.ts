// The errno that a system call failed with, by name.

/** The errno's name of a failed system call, "" if the error is none. */
export function errnoOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  // One number on Linux, which Node calls otherwise than the kernel and its manual pages.
  if (code === 'ENOTSUP') return 'EOPNOTSUPP';
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : '';
}
