// The errno that a system call failed with, by name.

/** @returns such as "ENOENT"; "" for an error that no system call raised */
export function errnoOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  // Both are one number on Linux; the kernel's documents use the second name.
  if (code === 'ENOTSUP') return 'EOPNOTSUPP';
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : '';
}
