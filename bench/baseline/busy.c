// A process in each group that works a little five times a second: it computes, and uses more or less memory each time. It ends with the program that started it.
// A line of standard input for each: the cgroup.procs of one group in every hierarchy, with spaces between them; after the word "idle", one that only sleeps.
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { REST_USEC = 200000, PAGE = 4096, PAGES = 512, ROUNDS = 20000 };

static void enter(char *files) {
  for (char *file = strtok(files, " \n"); file; file = strtok(NULL, " \n")) {
    FILE *procs = fopen(file, "w");
    if (!procs || fprintf(procs, "0\n") < 0 || fclose(procs) != 0) {
      perror(file);
      exit(1);
    }
  }
}

static void work(unsigned seed) {
  char *memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) exit(1);
  madvise(memory, (size_t)PAGES * PAGE, MADV_NOHUGEPAGE);
  for (volatile unsigned sink = 0;;) {
    seed = seed * 1103515245 + 12345;
    unsigned pages = seed / 65536 % PAGES;
    for (unsigned page = 0; page < pages; page++) memory[page * PAGE] = 1;
    madvise(memory + pages * PAGE, (size_t)(PAGES - pages) * PAGE, MADV_DONTNEED);
    for (unsigned round = 0; round < ROUNDS; round++) sink += round;
    usleep(REST_USEC);
  }
}

int main(void) {
  char line[16384];
  pid_t parent = getpid();
  unsigned seed = 1;
  while (fgets(line, sizeof line, stdin)) {
    seed++;
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) exit(1);
    bool isIdle = strncmp(line, "idle ", 5) == 0;
    enter(isIdle ? line + 5 : line);
    if (!isIdle) work(seed);
    for (;;) pause();
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
