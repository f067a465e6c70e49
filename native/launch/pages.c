// Keeps the monitor small where huge pages are always used, as Debian has it: the first byte in its buffers, most of which stay unused, would take 2 MiB.
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

extern char __bss_start[], _end[];

// Before anything is written there. Not by PR_SET_THP_DISABLE, which the program would inherit.
__attribute__((constructor)) static void use_small_pages(void) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = ((uintptr_t)__bss_start + page - 1) & ~(page - 1);
  // EINVAL: a kernel without huge pages.
  if ((uintptr_t)_end > start) madvise((void *)start, (uintptr_t)_end - start, MADV_NOHUGEPAGE);
}
